namespace Elasticity.Silo;

/// <summary>How a silo runs. Each option can stand in <c>elasticity-silo.json</c>, in the environment as
/// <c>ELASTICITY_SILO_NAME</c>, and on the command line as <c>--Name value</c>; the later ones win.</summary>
internal sealed record SiloOptions
{
    /// <summary>Where HTTP API and dashboard listen. Anything but this machine alone needs API keys. Default:
    /// <c>http://127.0.0.1:8080</c>.</summary>
    public string Listen { get; init; } = "http://127.0.0.1:8080";

    /// <summary>The file with the API keys; null means none. Default: null.</summary>
    public string? KeysFile { get; init; }

    /// <summary><c>localhost</c>: this silo is the cluster. <c>postgresql</c>: the silos that share a database.
    /// Default: <c>postgresql</c> when <see cref="PostgreSql"/> is given, otherwise <c>localhost</c>.</summary>
    public string? Clustering { get; init; }

    /// <summary>An Npgsql connection string. Null: everything is forgotten with the process, for trying things out.
    /// Default: null.</summary>
    public string? PostgreSql { get; init; }

    /// <summary>The schema of the events; that of the cluster has <c>_cluster</c> appended. Default:
    /// <c>elasticity</c>.</summary>
    public string PostgreSqlSchema { get; init; } = "elasticity";

    /// <summary>Whether to create or upgrade the schemas on start; otherwise run <c>migrate</c> first. Default:
    /// false.</summary>
    public bool Migrate { get; init; }

    /// <summary>Silos with the same id are one cluster. Default: <c>elasticity</c>.</summary>
    public string ClusterId { get; init; } = "elasticity";

    /// <summary>What reminders belong to; stays the same over all deployments. Default: <c>elasticity</c>.</summary>
    public string ServiceId { get; init; } = "elasticity";

    /// <summary>The address that other silos and clients reach this one at. Default: <c>127.0.0.1</c>.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>The port for other silos. Default: 11111.</summary>
    public int SiloPort { get; init; } = 11_111;

    /// <summary>The port for clients. Default: 30000.</summary>
    public int GatewayPort { get; init; } = 30_000;

    /// <summary>Whether the dashboard is served below <c>/dashboard</c>. Default: true.</summary>
    public bool Dashboard { get; init; } = true;

    /// <summary>How long a stop waits for what is under way. Default: 20 seconds.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The kind of clustering in force.</summary>
    public string EffectiveClustering => Clustering ?? (PostgreSql is null ? "localhost" : "postgresql");

    /// <summary>What is wrong; null when nothing is.</summary>
    public string? Problem() =>
        EffectiveClustering is not ("localhost" or "postgresql")
            ? $"{nameof(Clustering)} is localhost or postgresql, not '{Clustering}'."
        : EffectiveClustering == "postgresql" && PostgreSql is null
            ? $"{nameof(Clustering)} postgresql needs {nameof(PostgreSql)}, a connection string."
        : PostgreSqlSchema.Length is 0 or > 50
            || !PostgreSqlSchema.All(c => char.IsAsciiLetterLower(c) || c is '_' || char.IsAsciiDigit(c))
            ? $"{nameof(PostgreSqlSchema)} is 1 to 50 lower-case letters, digits and underscores, "
                + $"not '{PostgreSqlSchema}'."
        : !Uri.TryCreate(Listen, UriKind.Absolute, out Uri? listen) || listen.Scheme != "http"
            ? $"{nameof(Listen)} is an address such as http://127.0.0.1:8080, not '{Listen}'."
        : KeysFile is null && !listen.IsLoopback
            ? $"Anybody could reach {Listen} and do everything: name a {nameof(KeysFile)}, or listen on 127.0.0.1 only."
        : null;
}
