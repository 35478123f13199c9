using System.Diagnostics.CodeAnalysis;
using Elasticity.Silo.Tests;
using Npgsql;
using Xunit;

namespace Elasticity.Silo.Cassandra.Tests;

/// <summary>The program as it is started, with a PostgreSQL and without a Cassandra.</summary>
public sealed class ProgramTests : IAsyncLifetime
{
    private const int ClosedPort = 9; // "discard": nobody listens there.

    private readonly string _postgres = Environment.GetEnvironmentVariable(PostgreSqlFactAttribute.Variable) ?? "";
    private readonly string _schema = $"silo_{Guid.NewGuid():N}"[..20];

    public ProgramTests() => SiloProcess.Program = typeof(CassandraClustering).Assembly.Location;

    public Task InitializeAsync() => Task.CompletedTask;

    [SuppressMessage("Security", "CA2100", Justification = "The name of a schema that this class made.")]
    public async Task DisposeAsync()
    {
        if (_postgres.Length > 0)
        {
            await using NpgsqlConnection connection = new(_postgres);
            await connection.OpenAsync();
            await using NpgsqlCommand drop = new(
                $"DROP SCHEMA IF EXISTS {_schema}, {_schema}_cluster CASCADE", connection);
            await drop.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task It_says_its_options()
    {
        using SiloProcess help = SiloProcess.Start("--help");

        Assert.Equal(0, await help.ExitAsync());
        Assert.Contains("elasticity-silo-cassandra migrate", help.Output, StringComparison.Ordinal);
        Assert.Contains("--CassandraContactPoints", help.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_option_ends_it_with_2_and_one_sentence()
    {
        using SiloProcess silo = SiloProcess.Start("--CassandraPort", "x");

        Assert.Equal(2, await silo.ExitAsync());
        Assert.Equal(
            "elasticity-silo-cassandra: --CassandraPort: CassandraPort is a port from 1 to 65535, not 'x'.",
            silo.Output);
    }

    [PostgreSqlFact]
    public async Task Migrating_without_a_Cassandra_ends_with_1_and_a_sentence()
    {
        using SiloProcess silo = SiloProcess.Start(["migrate", .. Away()]);

        Assert.Equal(1, await silo.ExitAsync());
        Assert.StartsWith(
            "elasticity-silo-cassandra: Cassandra cannot be reached: ", silo.Output, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_silo_whose_Cassandra_is_away_says_so_and_waits_until_it_is_told_to_stop()
    {
        using SiloProcess migrate = SiloProcess.Start(
            "migrate", "--PostgreSql", _postgres, "--PostgreSqlSchema", _schema);
        Assert.Equal(0, await migrate.ExitAsync());
        using SiloProcess silo = SiloProcess.StartSilo(Away());

        await silo.UntilItSaysAsync("The database does not answer: Cassandra cannot be reached: ");

        silo.Terminate();
        Assert.Equal(0, await silo.ExitAsync());
        Assert.DoesNotContain("The silo is", silo.Output, StringComparison.Ordinal);
    }

    private string[] Away() =>
    [
        "--PostgreSql", _postgres, "--PostgreSqlSchema", _schema, "--Clustering", "cassandra",
        "--CassandraContactPoints", "127.0.0.1", "--CassandraPort", $"{ClosedPort}", "--CassandraDatacenter", "dc1",
    ];
}
