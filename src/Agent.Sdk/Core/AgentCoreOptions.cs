namespace Elasticity.Agent.Sdk.Core;

/// <summary>What the core of an agent is told once. <see cref="AgentOptions"/> explains each for users.</summary>
public sealed record AgentCoreOptions
{
    /// <summary>The most leases that the server lets one session hold.</summary>
    internal const int HeldMax = 10_000;

    /// <summary>The capabilities; at least one.</summary>
    public required IReadOnlyList<string> Kinds { get; init; }

    /// <summary>For people; null for none.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>How many handlers run at once; at least 1.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>The most tasks leased ahead of free slots; 0 for none.</summary>
    public int PrefetchMax { get; init; } = 500;

    /// <summary>The most calls with results under way at once; at least 1.</summary>
    public int CallsMax { get; init; } = 2;

    /// <summary>How long the server may wait for a task before it answers "none".</summary>
    public TimeSpan LongPoll { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>After how long without an answer a call counts as lost.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The first wait after a failed call; doubled with each further failure.</summary>
    public TimeSpan BackoffFirst { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait after a failed call.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The shortest time between two heartbeats that are sent for the sake of progress.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether a handler is asked to stop when no heartbeat was confirmed for as long as its lease
    /// lasts.</summary>
    public bool StopsWhenUnconfirmed { get; init; }

    /// <summary>How long handlers may go on once the agent drains.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a handler may take to notice that it was cancelled before its task is given back all the
    /// same.</summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the last calls may take: results, and the end of the session.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The most leases held at once, results that are still to be sent among them. Past it nothing is leased:
    /// the server takes no results.</summary>
    internal int LeasesMax => Math.Min(HeldMax, 2 * (Slots + PrefetchMax));
}
