using System.Collections.Immutable;
using Elasticity.Domain;

namespace Elasticity.Cli.Work;

/// <summary>How a worker works.</summary>
internal sealed record WorkerOptions
{
    /// <summary>Who it is, stable over restarts.</summary>
    public required AgentId Agent { get; init; }

    /// <summary>The kinds it executes.</summary>
    public required ImmutableArray<string> Kinds { get; init; }

    /// <summary>How many tasks it executes at once; at least 1.</summary>
    public required int Slots { get; init; }

    /// <summary>How many more it leases, so that no slot waits for the disk; 0 to 9,000. Default: 0.</summary>
    public int Ahead { get; init; }

    /// <summary>It lives in the engine's process. Default: false.</summary>
    public bool IsInProcess { get; init; }

    /// <summary>How long a request for tasks waits when there are none. Default: 20 s.</summary>
    public TimeSpan LeaseWait { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long, once it drains, the engine may fail to take the results. Default: 10 s; after it the leases
    /// are left to the engine, which takes them back.</summary>
    public TimeSpan DrainMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For people.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;
}
