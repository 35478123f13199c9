using Elasticity.Engine.Embedded.Core;

namespace Elasticity.Engine.Embedded;

/// <summary>How the embedded engine runs. The defaults suit two cores and 512 MiB.</summary>
public sealed record EngineOptions
{
    /// <summary>The bounds of the core.</summary>
    public CoreOptions Core { get; init; } = new();

    /// <summary>The most commands that wait to be decided. Default: 20,000; one more is refused with
    /// <c>engine-overloaded</c>.</summary>
    public int InboxMax { get; init; } = 20_000;

    /// <summary>The most bytes of payloads and results that wait to be decided. Default: 64 MiB; past it commands are
    /// refused with <c>engine-overloaded</c>.</summary>
    public long InboxBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>From so many events on, a batch grows no further until the one before it is durable. Default:
    /// 20,000.</summary>
    public int BatchEventsMax { get; init; } = 20_000;

    /// <summary>From so many bytes on, likewise. Default: 16 MiB.</summary>
    public long BatchBytesMax { get; init; } = 16L * 1024 * 1024;

    /// <summary>The first wait after the store failed; doubled each time. Default: 100 ms.</summary>
    public TimeSpan RecoveryDelayFirst { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait between two attempts to recover. Default: 2 s.</summary>
    public TimeSpan RecoveryDelayMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a standby looks whether it can take over. Default: 500 ms.</summary>
    public TimeSpan StandbyInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long <see cref="EmbeddedEngine.DisposeAsync"/> waits for what was already decided. Default: 10
    /// s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Who this process is, in words for a human. Default: host name and process id.</summary>
    public string Owner { get; init; } = $"{Environment.MachineName} (process {Environment.ProcessId})";
}
