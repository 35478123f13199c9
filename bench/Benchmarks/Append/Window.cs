using System.Diagnostics;

namespace Elasticity.Benchmarks.Append;

/// <summary>The time that counts, after one to warm up.</summary>
internal sealed class Window
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    private readonly long _start;
    private readonly long _end;

    /// <summary>Begins to warm up.</summary>
    public Window(TimeSpan length)
    {
        Length = length;
        _start = Stopwatch.GetTimestamp() + Ticks(WarmUp);
        _end = _start + Ticks(length);
    }

    /// <summary>How long it is.</summary>
    public TimeSpan Length { get; }

    /// <summary>Whether it is over at an instant of <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public bool IsOver(long at) => at >= _end;

    /// <summary>Whether an instant of <see cref="Stopwatch.GetTimestamp"/> is in it.</summary>
    public bool Contains(long at) => at >= _start && at < _end;

    /// <summary>Waits for its beginning.</summary>
    public Task UntilStartAsync() => UntilAsync(_start);

    /// <summary>Waits for its end.</summary>
    public Task UntilEndAsync() => UntilAsync(_end);

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private static Task UntilAsync(long at)
    {
        TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), at);
        return left > TimeSpan.Zero ? Task.Delay(left) : Task.CompletedTask;
    }
}
