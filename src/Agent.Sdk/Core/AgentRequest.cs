using Elasticity.Contracts;

namespace Elasticity.Agent.Sdk.Core;

/// <summary>Something wanted from the server, over all its attempts.</summary>
internal sealed class AgentRequest(RequestKind kind, string session)
{
    public RequestKind Kind => kind;

    public string Session => session;

    /// <summary>Settle: the results, in order. Heartbeat: the leases named.</summary>
    public AgentLease[] Leases { get; init; } = [];

    /// <summary>Heartbeat: what was said of each lease.</summary>
    public string?[] Progress { get; init; } = [];

    /// <summary>Tasks wanted, under the same request id in every attempt; null for none.</summary>
    public LeaseTasks? Wanted { get; set; }

    /// <summary>How many tasks it may bring.</summary>
    public int Asked => Wanted?.Max ?? 0;

    /// <summary>The call under way; 0 while it waits for its next attempt.</summary>
    public long Call { get; set; }

    public bool IsUnderWay => Call != 0;

    /// <summary>Null before the first attempt. The server may have acted on any attempt since.</summary>
    public TimeSpan? FirstSentAt { get; set; }

    public TimeSpan SentAt { get; set; }

    public TimeSpan TimeoutAt { get; set; }

    public TimeSpan RetryAt { get; set; }

    public int Failures { get; set; }
}

internal enum RequestKind
{
    Register,
    Poll,
    Settle,
    Beat,
    Drain,
    Close,
}
