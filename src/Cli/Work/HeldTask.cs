using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Cli.Work;

/// <summary>A task that the worker has a lease for.</summary>
internal sealed class HeldTask(LeasedTask task) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>The task.</summary>
    public LeasedTask Task => task;

    /// <summary>Tells the handler to stop.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>The lease is somebody else's now: whatever comes out is void.</summary>
    public bool IsLost { get; set; }

    /// <summary>How it ended; null until then.</summary>
    public Settlement? Settlement { get; set; }

    /// <summary>Tells the handler to stop. What the handler then does happens elsewhere: the caller may hold a
    /// lock.</summary>
    public void Stop() => _ = _stop.CancelAsync();

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();
}
