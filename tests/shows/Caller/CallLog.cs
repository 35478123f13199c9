using System.Globalization;

namespace Elasticity.Caller;

/// <summary>What each call took, a line each.</summary>
/// <param name="path">The file; a new one.</param>
internal sealed class CallLog(string path) : IAsyncDisposable
{
    /// <summary>The outcome of a call that was carried out.</summary>
    public const string Answered = "answered";

    private readonly StreamWriter _file = new(path) { AutoFlush = true };
    private readonly Lock _lock = new();

    public void Add(string call, string id, Tries tries, TimeSpan took, string outcome)
    {
        lock (_lock)
        {
            _file.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{call} {id} {tries.Count} {took.TotalSeconds:F3} {outcome} {DateTime.UtcNow:HH:mm:ss.fff} ")
                + tries.Ends);
        }
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
