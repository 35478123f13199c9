using System.Diagnostics.CodeAnalysis;
using Elasticity.EventStore.Contract;
using Npgsql;
using Xunit;

namespace Elasticity.EventStore.PostgreSql.Tests;

/// <summary>A test with a schema of its own, which is removed afterwards with every store on it.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xUnit disposes through IAsyncLifetime.")]
public abstract class PostgreSqlTest : IAsyncLifetime
{
    // Far more than any test needs, so that one which hangs fails by name.
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(2));
    private readonly List<IAsyncDisposable> _disposables = [];

    internal PostgreSqlFixture Fixture { get; } = new();

    protected CancellationToken Ct => _timeout.Token;

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        foreach (IAsyncDisposable disposable in Enumerable.Reverse(_disposables))
        {
            await disposable.DisposeAsync();
        }

        await Fixture.DisposeAsync();
        _timeout.Dispose();
    }

    protected T Own<T>(T disposable)
        where T : IAsyncDisposable
    {
        _disposables.Add(disposable);
        return disposable;
    }

    protected async Task<PostgreSqlEventStore> OpenAsync(
        string? owner = null, TimeSpan? timeout = null, string? connectionString = null)
    {
        PostgreSqlEventStore store = Own(await Fixture.OpenUnclaimedAsync(Ct, o => o with
        {
            OwnershipTimeout = timeout ?? o.OwnershipTimeout,
            ConnectionString = connectionString ?? o.ConnectionString,
        }));
        if (owner is not null)
        {
            Assert.True((await store.TryClaimAsync(owner, Ct)).IsMine);
        }

        return store;
    }

    /// <summary>A connection of somebody else, inside a transaction that stays open until the test ends it.</summary>
    protected async Task<(NpgsqlConnection Connection, NpgsqlTransaction Transaction)> BeginAsync()
    {
        NpgsqlConnection connection = Own(await Fixture.ConnectAsync());
        return (connection, Own(await connection.BeginTransactionAsync(Ct)));
    }

    [SuppressMessage("Security", "CA2100", Justification = "Every text is written in a test.")]
    protected static async Task<object?> RunAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Makes the owner's last renewal look old, as if it had been silent.</summary>
    protected Task AgeAsync(TimeSpan age) => Fixture.ExecuteAsync(
        $"UPDATE owner SET renewed_at = clock_timestamp() - interval '{age.TotalMilliseconds:F0} milliseconds'");

    protected Task<long> EpochAsync() => Fixture.ScalarAsync<long>("SELECT epoch FROM owner");

    /// <summary>Waits until a statement of a store that begins like this waits for a lock.</summary>
    /// <returns>The process id of its backend.</returns>
    protected async Task<int> WaitingBackendAsync(string statement)
    {
        string query = $"""
            SELECT coalesce(min(pid), 0) FROM pg_stat_activity
            WHERE application_name = '{Fixture.Schema}' AND wait_event_type = 'Lock' AND query LIKE '{statement}%'
            """;
        while (true)
        {
            Ct.ThrowIfCancellationRequested();
            int pid = await Fixture.ScalarAsync<int>(query);
            if (pid != 0)
            {
                return pid;
            }
        }
    }

    protected static async Task<int> LengthAsync(IEventStore store, string stream) =>
        (await store.ReadStreamAsync(new StreamId(stream), 1, 1_000, withAttachments: false, CancellationToken.None))
            .Count;

    protected static AppendBatch Numbers(string stream, StreamHead? expected = null, int count = 1) =>
        Make.Batch(Make.Numbers(new StreamId(stream), expected ?? StreamHead.None, count));

    protected async Task AppendedAsync(IEventStore store, string stream) =>
        Assert.IsType<AppendResult.Appended>(await store.AppendAsync(Numbers(stream), Ct));

    protected async Task FencedAsync(IEventStore store, string stream, string owner)
    {
        AppendResult result = await store.AppendAsync(Numbers(stream), Ct);
        Assert.Equal(owner, Assert.IsType<AppendResult.Fenced>(result).Owner);
        Assert.Equal(0, await LengthAsync(store, stream));
    }
}
