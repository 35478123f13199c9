namespace Elasticity.Cli.Bench;

/// <summary>What to measure.</summary>
internal sealed record BenchOptions
{
    /// <summary>Nothing is written.</summary>
    public const string MemoryStore = "memory";

    /// <summary>A data directory.</summary>
    public const string SqliteStore = "sqlite";

    /// <summary>Where in a PostgreSQL database measurements are kept, apart from what is not a measurement.</summary>
    public const string Schema = "elasticity_bench";

    /// <summary>How many jobs a phase has.</summary>
    public required int Jobs { get; init; }

    /// <summary>How many tasks each job has.</summary>
    public required int TasksPerJob { get; init; }

    /// <summary>How many bytes each payload has; 0 means none.</summary>
    public required int PayloadBytes { get; init; }

    /// <summary>How many agents work.</summary>
    public required int Agents { get; init; }

    /// <summary>How many tasks each agent executes at once.</summary>
    public required int Slots { get; init; }

    /// <summary>How many jobs are submitted at once.</summary>
    public required int Submitters { get; init; }

    /// <summary>How many jobs of one task a second the steady phase submits.</summary>
    public required int Rate { get; init; }

    /// <summary>How long the steady phase takes; zero leaves it out.</summary>
    public required TimeSpan Steady { get; init; }

    /// <summary>Where the data is; null means a new directory that is removed afterwards.</summary>
    public string? Data { get; init; }

    /// <summary><see cref="MemoryStore"/>, <see cref="SqliteStore"/>, or how to connect to PostgreSQL.</summary>
    public required string Store { get; init; }

    /// <summary>The kind of store, for the report: without anything secret.</summary>
    public string StoreName =>
        Servers is not [] ? "as the server has it"
        : Store is MemoryStore or SqliteStore ? Store
        : "postgresql";

    /// <summary>A server that runs, or several of one cluster, over which clients and agents are spread; none means a
    /// new one.</summary>
    public IReadOnlyList<Uri> Servers { get; init; } = [];

    /// <summary>The API key for <see cref="Servers"/>; null for none.</summary>
    public string? Key { get; init; }
}
