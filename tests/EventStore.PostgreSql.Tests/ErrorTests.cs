using System.Net.Sockets;
using Npgsql;
using Xunit;

namespace Elasticity.EventStore.PostgreSql.Tests;

/// <summary>The codes that callers see; no database is needed for most.</summary>
public sealed class ErrorTests
{
    [Theory]
    [InlineData("08006", "FATAL", "store-unavailable", true)]
    [InlineData("57P01", "FATAL", "store-unavailable", true)]
    [InlineData("57P02", "FATAL", "store-unavailable", true)]
    [InlineData("57P03", "FATAL", "store-unavailable", true)]
    [InlineData("53300", "FATAL", "store-unavailable", true)]
    [InlineData("55P03", "ERROR", "store-unavailable", true)]
    [InlineData("53100", "ERROR", "store-full", true)]
    [InlineData("25006", "ERROR", "store-read-only", true)]
    [InlineData("XX001", "ERROR", "store-corrupt", false)]
    [InlineData("42501", "ERROR", "store-failed", false)]
    [InlineData("28P01", "FATAL", "store-failed", false)]
    [InlineData("40P01", "ERROR", "store-failed", true)]
    public void What_the_server_says_has_a_code(string sqlState, string severity, string code, bool isTransient)
    {
        EventStoreException e =
            PostgreSqlErrors.Translate(new PostgresException("no", severity, severity, sqlState));

        Assert.Equal(code, e.Code);
        Assert.Equal(isTransient, e.IsTransient);
        Assert.False(e.IsOutcomeUnknown);
        Assert.Contains("no", e.Message);
    }

    [Fact]
    public void A_broken_connection_is_the_store_being_unavailable()
    {
        Exception[] broken =
        [
            new NpgsqlException("gone", new IOException("reset")),
            new NpgsqlException("late", new TimeoutException()),
            new SocketException((int)SocketError.ConnectionRefused),
        ];

        Assert.All(broken, e => Assert.Equal("store-unavailable", PostgreSqlErrors.Translate(e).Code));
        Assert.All(broken, e => Assert.True(PostgreSqlErrors.Translate(e).IsTransient));
    }

    [Fact]
    public void Only_an_orderly_error_means_that_nothing_was_written()
    {
        Assert.True(PostgreSqlErrors.IsRolledBack(new PostgresException("no", "ERROR", "ERROR", "23505")));
        Assert.False(PostgreSqlErrors.IsRolledBack(new PostgresException("bye", "FATAL", "FATAL", "57P01")));
        Assert.False(PostgreSqlErrors.IsRolledBack(new NpgsqlException("gone", new IOException())));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable()
    {
        PostgreSqlEventStoreOptions options = new() { ConnectionString = "Host=127.0.0.1;Port=1;Username=x" };

        EventStoreException e = await Assert.ThrowsAsync<EventStoreException>(
            () => PostgreSqlEventStore.OpenAsync(options, CancellationToken.None));

        Assert.Equal("store-unavailable", e.Code);
        Assert.True(e.IsTransient);
    }
}
