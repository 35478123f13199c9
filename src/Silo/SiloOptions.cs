namespace Elasticity.Silo;

/// <summary>How a silo runs. <see cref="SiloOptionTable"/> has a line for each: its name, its range, its
/// default.</summary>
internal sealed record SiloOptions
{
    /// <summary>The program that reads them.</summary>
    public SiloBuild Build { get; init; } = SiloBuild.Plain;

    /// <summary>Where HTTP API and dashboard listen. Anything but this machine alone needs API keys.</summary>
    public Uri Listen { get; init; } = new("http://127.0.0.1:8080");

    /// <summary>The file with the API keys; null means none.</summary>
    public string? KeysFile { get; init; }

    /// <summary>Which silos are one cluster; null: see <see cref="EffectiveClustering"/>.</summary>
    public IClusteringChoice? Clustering { get; init; }

    /// <summary>What the options of <see cref="SiloBuild.Further"/> said, in its own type; null: nothing.</summary>
    public object? ClusteringSettings { get; init; }

    /// <summary>An Npgsql connection string. Null: everything is forgotten with the process.</summary>
    public string? PostgreSql { get; init; }

    /// <summary>The schema of the events; that of the cluster has <c>_cluster</c> appended.</summary>
    public string PostgreSqlSchema { get; init; } = "elasticity";

    /// <summary>Whether to create or upgrade the schemas on start.</summary>
    public bool Migrate { get; init; }

    /// <summary>Silos with the same id are one cluster.</summary>
    public string ClusterId { get; init; } = "elasticity";

    /// <summary>What reminders belong to; stays the same over all deployments.</summary>
    public string ServiceId { get; init; } = "elasticity";

    /// <summary>Where other silos and clients reach this one: an IP address, or a name that has one.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>The port for other silos.</summary>
    public int SiloPort { get; init; } = 11_111;

    /// <summary>The port for clients.</summary>
    public int GatewayPort { get; init; } = 30_000;

    /// <summary>Whether the dashboard is served below <c>/dashboard</c>.</summary>
    public bool Dashboard { get; init; } = true;

    /// <summary>How many grains hold the queue of one kind.</summary>
    public int QueueShards { get; init; } = 1;

    /// <summary>How long a silo that was told to stop still takes requests while <c>/readyz</c> says that it goes:
    /// until load balancers have noticed.</summary>
    public TimeSpan DrainDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a stop may take, <see cref="DrainDelay"/> included.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The kind of clustering in force.</summary>
    public IClusteringChoice EffectiveClustering =>
        Clustering ?? (PostgreSql is null ? LocalhostClustering.Instance : PostgreSqlClustering.Instance);

    /// <summary>What is kept of <see cref="StopTimeout"/> for leaving the cluster: requests that are not answered when
    /// only so much is left are cut off.</summary>
    public TimeSpan LeaveTime => StopTimeout / 4;

    /// <summary>What does not go together; null when everything does.</summary>
    public string? Problem() =>
        EffectiveClustering.Problem(this) is { } problem
            ? problem
        : ClusteringSettings is not null && EffectiveClustering != Build.Further
            ? $"There are options for {nameof(Clustering)} {Build.Further?.Name}, but it is "
                + $"{EffectiveClustering.Name}: name the one that is meant."
        : KeysFile is null && !Listen.IsLoopback
            ? $"Anybody could reach {Listen} and do everything: name a {nameof(KeysFile)}, or listen on 127.0.0.1 only."
        : SiloPort == GatewayPort
            ? $"{nameof(SiloPort)} and {nameof(GatewayPort)} are two ports, not both {SiloPort}."
        : DrainDelay > StopTimeout / 2
            ? $"{nameof(DrainDelay)} is at most half of {nameof(StopTimeout)}, {StopTimeout}, not {DrainDelay}."
        : null;
}
