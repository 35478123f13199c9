namespace Elasticity.Domain;

/// <summary>Everything in Elasticity has a limit. Past it the caller gets <c>limit-exceeded</c> and nothing is
/// lost.</summary>
public sealed record Limits
{
    /// <summary>The limits used unless configured otherwise.</summary>
    public static Limits Default { get; } = new();

    /// <summary>The most tasks of one job. Default: 1,000,000.</summary>
    public int TasksPerJobMax { get; init; } = 1_000_000;

    /// <summary>The most tasks of one chunk of a submit. Default: 1,000.</summary>
    public int TasksPerChunkMax { get; init; } = 1_000;

    /// <summary>The most payload bytes of one chunk of a submit; a single larger payload is a chunk of its own.
    /// Default: 1 MiB.</summary>
    public int ChunkBytesMax { get; init; } = 1024 * 1024;

    /// <summary>The largest payload or result in bytes; larger things go by reference. Default: 256 KiB.</summary>
    public int PayloadBytesMax { get; init; } = 256 * 1024;

    /// <summary>The most dependencies of one task. Default: 1,000.</summary>
    public int DependenciesPerTaskMax { get; init; } = 1_000;

    /// <summary>The most dependencies in one job. Default: 4,000,000.</summary>
    public int DependenciesPerJobMax { get; init; } = 4_000_000;

    /// <summary>The most characters of a job's or task's name, a label's key or value. Default: 256.</summary>
    public int NameLengthMax { get; init; } = 256;

    /// <summary>The most labels of one job or agent. Default: 32.</summary>
    public int LabelsMax { get; init; } = 32;

    /// <summary>The most characters of a kind. Default: 64.</summary>
    public int KindLengthMax { get; init; } = 64;

    /// <summary>The most kinds that one agent offers. Default: 256.</summary>
    public int KindsPerAgentMax { get; init; } = 256;

    /// <summary>The most kinds that unended jobs and live agents name, together. Default: 10,000.</summary>
    public int KindsMax { get; init; } = 10_000;

    /// <summary>The most characters of a failure's message; longer ones are cut. Default: 4,096.</summary>
    public int FailureLengthMax { get; init; } = 4_096;

    /// <summary>The greatest number of leases that one session holds at once. Default: 10,000. On a cluster, requests
    /// of one session that are served at the same moment may pass it together.</summary>
    public int LeasesPerSessionMax { get; init; } = 10_000;

    /// <summary>A job writes down where it stands once in so many events, or fewer times
    /// (<see cref="Jobs.JobEvent.Checkpointed"/>). Default: 1,000; with more, long jobs are read whole.</summary>
    public int EventsPerCheckpointMin { get; init; } = 1_000;
}
