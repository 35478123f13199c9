using Elasticity.EventStore.Contract;
using Npgsql;
using Xunit;

namespace Elasticity.EventStore.PostgreSql.Tests;

/// <summary>Connections that break around a commit: what was written is found out, and written once.</summary>
[RequiresEnvironment(PostgreSqlFixture.Variable, PostgreSqlFixture.Meaning)]
public sealed class OutcomeTests : PostgreSqlTest
{
    private static readonly StreamId Job = new("job/a");

    private Wire _wire = null!;

    public override Task InitializeAsync()
    {
        _wire = Own(new Wire(Fixture.ConnectionString));
        return Task.CompletedTask;
    }

    [ContractFact]
    public async Task A_connection_that_broke_while_idle_is_replaced_unnoticed()
    {
        PostgreSqlEventStore store = await OpenOverWireAsync();
        await AppendedAsync(store, "job/a");

        _wire.Cut();
        _wire.Mend();

        await AppendedAsync(store, "job/b");
        Assert.Equal(1, await LengthAsync(store, "job/a"));
        Assert.True(await store.RenewAsync(Ct));
    }

    [ContractFact]
    public async Task A_lost_answer_is_found_to_have_been_a_commit()
    {
        PostgreSqlEventStore store = await OpenOverWireAsync();
        _wire.LoseAnswers();
        Task<AppendResult> append = store.AppendAsync(Numbers("job/a"), Ct).AsTask();
        await _wire.StoppedAsync(Ct);

        _wire.Cut();
        _wire.Mend();

        // Mended too late for the store's own question, or in time: either way the batch was written once.
        await AssertWrittenOnceAsync(store, append);
    }

    [ContractFact]
    public async Task A_lost_answer_is_an_unknown_outcome_while_the_server_cannot_be_asked()
    {
        PostgreSqlEventStore store = await OpenOverWireAsync();
        AppendBatch batch = Numbers("job/a");
        _wire.LoseAnswers();
        Task<AppendResult> append = store.AppendAsync(batch, Ct).AsTask();
        await _wire.StoppedAsync(Ct);
        _wire.Cut();

        await AssertUnknownAsync(append);
        EventStoreException unreachable =
            await Assert.ThrowsAsync<EventStoreException>(async () => await store.WasAppendedAsync(batch.Id, Ct));
        Assert.Equal("store-unavailable", unreachable.Code);
        Assert.True(unreachable.IsTransient);

        _wire.Mend();
        Assert.True(await store.WasAppendedAsync(batch.Id, Ct));
        Assert.Equal(1, await LengthAsync(store, "job/a"));
    }

    [ContractFact]
    public async Task A_request_that_arrives_after_the_question_writes_nothing()
    {
        PostgreSqlEventStore store = await OpenOverWireAsync();
        AppendBatch batch = Numbers("job/a");
        _wire.HoldRequests();
        Task<AppendResult> append = store.AppendAsync(batch, Ct).AsTask();
        await _wire.StoppedAsync(Ct);
        _wire.Cut();
        await AssertUnknownAsync(append);

        _wire.Mend();
        Assert.False(await store.WasAppendedAsync(batch.Id, Ct));
        await _wire.DeliverAsync(Ct);

        Assert.Equal(0, await LengthAsync(store, "job/a"));
        Assert.False(await store.WasAppendedAsync(batch.Id, Ct));
        await AppendedAsync(store, "job/a");
    }

    [ContractFact]
    public async Task A_commit_that_is_still_under_way_is_waited_for()
    {
        PostgreSqlEventStore store = await OpenOverWireAsync();
        (_, NpgsqlTransaction obstacle) = await HoldOwnerRowAsync();
        Task<AppendResult> append = store.AppendAsync(Numbers("job/a"), Ct).AsTask();
        await WaitingBackendAsync("SELECT batch, stream");

        _wire.Cut(); // The server does not hear of it: the append goes on waiting for the row.
        _wire.Mend();
        await obstacle.RollbackAsync(Ct);

        await AssertWrittenOnceAsync(store, append);
    }

    [ContractFact]
    public async Task An_append_that_an_administrator_ends_is_done_again()
    {
        PostgreSqlEventStore store = await OpenAsync("host-a");
        (NpgsqlConnection admin, NpgsqlTransaction obstacle) = await HoldOwnerRowAsync();
        Task<AppendResult> append = store.AppendAsync(Numbers("job/a"), Ct).AsTask();
        int backend = await WaitingBackendAsync("SELECT batch, stream");

        await RunAsync(admin, $"SELECT pg_terminate_backend({backend})");
        await WaitingBackendAsync("SELECT coalesce(claimed_epoch");
        await obstacle.RollbackAsync(Ct);

        Assert.IsType<AppendResult.Appended>(await append);
        Assert.Equal(1, await LengthAsync(store, "job/a"));
    }

    [ContractFact]
    public async Task An_owner_that_lost_the_store_while_cut_off_still_learns_what_it_wrote()
    {
        PostgreSqlEventStore store = await OpenOverWireAsync();
        AppendBatch written = Numbers("job/a");
        _wire.LoseAnswers();
        Task<AppendResult> append = store.AppendAsync(written, Ct).AsTask();
        await _wire.StoppedAsync(Ct);
        _wire.Cut();
        await AssertUnknownAsync(append);
        await AgeAsync(TimeSpan.FromSeconds(6));
        PostgreSqlEventStore standby = await OpenAsync("host-b");
        await AppendedAsync(standby, "job/b");

        _wire.Mend();

        Assert.True(await store.WasAppendedAsync(written.Id, Ct));
        Assert.False(await store.WasAppendedAsync(Guid.NewGuid(), Ct));
        await FencedAsync(store, "job/c", "host-b");
    }

    [ContractFact]
    public async Task What_nobody_remembers_any_more_is_not_called_unwritten()
    {
        PostgreSqlEventStore former = await OpenAsync("host-a");
        AppendBatch written = Numbers("job/a");
        await former.AppendAsync(written, Ct);
        await AgeAsync(TimeSpan.FromSeconds(6));
        PostgreSqlEventStore owner = await OpenAsync("host-b");
        for (int i = 0; i < 256; i++)
        {
            await AppendedAsync(owner, $"job/b{i}");
            Assert.IsType<AppendResult.Conflict>(await owner.AppendAsync(Numbers($"job/b{i}"), Ct));
        }

        EventStoreException e =
            await Assert.ThrowsAsync<EventStoreException>(async () => await former.WasAppendedAsync(written.Id, Ct));

        Assert.Equal("store-locked", e.Code);
        Assert.True(e.IsOutcomeUnknown);
    }

    [ContractFact]
    public async Task The_trouble_of_one_batch_is_not_that_of_its_neighbours()
    {
        PostgreSqlEventStore store = await OpenAsync("host-a");
        (_, NpgsqlTransaction obstacle) = await HoldOwnerRowAsync();
        Task<AppendResult> first = store.AppendAsync(Numbers("job/first"), Ct).AsTask();
        await WaitingBackendAsync("SELECT batch, stream");

        // These three share the next transaction. The one in the middle breaks the uniqueness of (stream, version).
        StreamAppend twice = Make.Numbers(Job, StreamHead.None);
        Task<AppendResult> before = store.AppendAsync(Numbers("job/before"), Ct).AsTask();
        Task<AppendResult> bad = store.AppendAsync(Make.Batch(twice, twice), Ct).AsTask();
        Task<AppendResult> after = store.AppendAsync(Numbers("job/after"), Ct).AsTask();
        await obstacle.RollbackAsync(Ct);

        Assert.All(await Task.WhenAll(first, before, after), r => Assert.IsType<AppendResult.Appended>(r));
        EventStoreException e = await Assert.ThrowsAsync<EventStoreException>(() => bad);
        Assert.Equal("store-failed", e.Code);
        Assert.False(e.IsOutcomeUnknown);
        Assert.Equal(0, await LengthAsync(store, "job/a"));
    }

    private Task<PostgreSqlEventStore> OpenOverWireAsync() =>
        OpenAsync("host-a", connectionString: _wire.ConnectionString);

    private async Task<(NpgsqlConnection Connection, NpgsqlTransaction Transaction)> HoldOwnerRowAsync()
    {
        (NpgsqlConnection connection, NpgsqlTransaction transaction) = await BeginAsync();
        await RunAsync(connection, "SELECT FROM owner FOR UPDATE");
        return (connection, transaction);
    }

    private static async Task AssertUnknownAsync(Task<AppendResult> append)
    {
        EventStoreException e = await Assert.ThrowsAsync<EventStoreException>(() => append);
        Assert.True(e.IsOutcomeUnknown);
        Assert.True(e.IsTransient);
        Assert.Equal("store-unavailable", e.Code);
    }

    private async Task AssertWrittenOnceAsync(PostgreSqlEventStore store, Task<AppendResult> append)
    {
        try
        {
            Assert.IsType<AppendResult.Appended>(await append);
        }
        catch (EventStoreException e)
        {
            Assert.True(e.IsOutcomeUnknown);
            Assert.True(await store.WasAppendedAsync(await LastBatchAsync(), Ct));
        }

        Assert.Equal(1, await LengthAsync(store, Job.Value));
        Assert.Equal(1, await Fixture.ScalarAsync<long>("SELECT count(*) FROM commits"));
    }

    private Task<Guid> LastBatchAsync() =>
        Fixture.ScalarAsync<Guid>("SELECT batches[1] FROM commits ORDER BY number DESC LIMIT 1");
}
