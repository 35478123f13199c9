using Elasticity.Domain;

namespace Elasticity.Engine.Embedded.Core;

/// <summary>What the core is bounded by. The defaults suit two cores and 512 MiB.</summary>
public sealed record CoreOptions
{
    /// <summary>The limits of the domain.</summary>
    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>The most bytes of chunks kept in memory, payloads included. Default: 64 MiB.</summary>
    public long ChunkCacheBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>The most tasks that one step cancels or otherwise touches by a range message. Default: 1,000.</summary>
    public int TasksPerSweepStep { get; init; } = 1_000;

    /// <summary>The most pages of what is outstanding that one step sends: new jobs begin, stopping jobs stop. Default:
    /// 64.</summary>
    public int PagesPerSweepStep { get; init; } = 64;

    /// <summary>How often the core wants to be stepped even when nothing happens: by being late it notices that the
    /// process was frozen. Default: 250 ms.</summary>
    public TimeSpan TickInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A session that was silent for so long and holds no lease is over. Default: 10 minutes.</summary>
    public TimeSpan SessionSilenceMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The most lease requests that wait at once. Default: 10,000; one more is refused with
    /// <c>limit-exceeded</c>.</summary>
    public int WaitingRequestsMax { get; init; } = 10_000;

    /// <summary>The most unended jobs. Default: 1,000,000; one more is refused with <c>limit-exceeded</c>.</summary>
    public int OpenJobsMax { get; init; } = 1_000_000;

    /// <summary>The most live agents. Default: 10,000; one more is refused with <c>limit-exceeded</c>.</summary>
    public int AgentsMax { get; init; } = 10_000;
}
