using Elasticity.Api;
using Elasticity.Engine.Embedded;
using Elasticity.EventStore.PostgreSql;
using Elasticity.EventStore.Sqlite;

namespace Elasticity.Server;

/// <summary>How a server runs.</summary>
public sealed record ServerOptions
{
    /// <summary>
    /// Where to listen: <c>http://</c> or <c>https://</c>, then an IP address, <c>localhost</c> or <c>*</c>, then a
    /// port; port 0 takes a free one. Anything but this machine alone needs API keys. Default:
    /// <c>http://127.0.0.1:8080</c>.
    /// </summary>
    public string Listen { get; init; } = "http://127.0.0.1:8080";

    /// <summary>The directory for the SQLite store and the API keys; made if it is missing. Default:
    /// <c>elasticity-data</c> in the current directory.</summary>
    public string DataDirectory { get; init; } = "elasticity-data";

    /// <summary>An Npgsql connection string: store there instead of in SQLite, and stand by while another server owns
    /// the database. Null means SQLite. Default: null.</summary>
    public string? PostgreSql { get; init; }

    /// <summary>The schema of the PostgreSQL store: lower-case ASCII letters, digits and underscores. Servers that
    /// share it stand by for each other. Default: <c>elasticity</c>.</summary>
    public string PostgreSqlSchema { get; init; } = "elasticity";

    /// <summary>The file with the API keys. Null means <see cref="ApiKeyFile.FileName"/> in
    /// <see cref="DataDirectory"/>. Not read when <see cref="ApiOptions.Keys"/> are given. Default: null.</summary>
    public string? KeysFile { get; init; }

    /// <summary>The certificate for <c>https://</c>: a PEM file, with its chain. Default: null.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The private key of <see cref="CertificateFile"/>: a PEM file. Default: null.</summary>
    public string? CertificateKeyFile { get; init; }

    /// <summary>Limits and habits of the HTTP API. Its <see cref="ApiOptions.Limits"/> are the engine's too.</summary>
    public ApiOptions Api { get; init; } = new();

    /// <summary>How the engine runs.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>The engine's options with the limits of the API, which are its own.</summary>
    public EngineOptions EffectiveEngine => Engine with { Core = Engine.Core with { Limits = Api.Limits } };

    /// <summary>How the SQLite store is opened; the directory is <see cref="DataDirectory"/>.</summary>
    public SqliteEventStoreOptions Sqlite { get; init; } = new() { Directory = string.Empty };

    /// <summary>How the PostgreSQL store is opened; database and schema are <see cref="PostgreSql"/> and
    /// <see cref="PostgreSqlSchema"/>.</summary>
    public PostgreSqlEventStoreOptions PostgreSqlStore { get; init; } = new() { ConnectionString = string.Empty };

    /// <summary>How many connections may be open at once; further ones are closed at once. Default: 10,000.</summary>
    public int ConnectionsMax { get; init; } = 10_000;

    /// <summary>How long a stop waits for requests under way; then they are cut off. Default: 20 seconds.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The file with the API keys in force.</summary>
    public string EffectiveKeysFile => KeysFile ?? Path.Combine(DataDirectory, ApiKeyFile.FileName);
}
