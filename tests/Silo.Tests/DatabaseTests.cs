using System.Diagnostics.CodeAnalysis;
using Npgsql;
using Xunit;

namespace Elasticity.Silo.Tests;

/// <summary>Tests of silos on a database, each with a schema of its own, which goes with it.</summary>
public abstract class DatabaseTests : IAsyncLifetime
{
    /// <summary>How the database is reached; empty where there is none.</summary>
    protected string Postgres { get; } =
        Environment.GetEnvironmentVariable(PostgreSqlFactAttribute.Variable) ?? string.Empty;

    /// <summary>The schema of the events.</summary>
    protected string Schema { get; } = $"silo_{Guid.NewGuid():N}"[..20];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (Postgres.Length > 0)
        {
            await AskAsync($"DROP SCHEMA IF EXISTS {Schema}, {Schema}_cluster CASCADE");
        }
    }

    /// <summary>The options of a silo on that schema.</summary>
    protected string[] Database(string? connection = null) =>
        ["--PostgreSql", connection ?? Postgres, "--PostgreSqlSchema", Schema];

    /// <summary>Executes a statement.</summary>
    /// <returns>The first value that it gives, or null.</returns>
    [SuppressMessage("Security", "CA2100", Justification = "Statements of tests.")]
    protected async Task<object?> AskAsync(string sql)
    {
        await using NpgsqlConnection connection = new(Postgres);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
