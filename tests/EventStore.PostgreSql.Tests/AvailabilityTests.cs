using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.EventStore.PostgreSql.Tests;

[RequiresEnvironment(PostgreSqlFixture.Variable, PostgreSqlFixture.Meaning)]
public sealed class AvailabilityTests : PostgreSqlTest
{
    [ContractFact]
    public async Task A_read_only_server_can_be_read_and_says_so_when_written()
    {
        PostgreSqlEventStore owner = await OpenAsync("host-a");
        await AppendedAsync(owner, "job/a");
        await owner.DisposeAsync();
        PostgreSqlEventStore store = await OpenAsync(
            connectionString: Fixture.ConnectionString + ";Options=-c default_transaction_read_only=on");

        EventStoreException e =
            await Assert.ThrowsAsync<EventStoreException>(async () => await store.TryClaimAsync("host-b", Ct));

        Assert.Equal("store-read-only", e.Code);
        Assert.Equal(1, await LengthAsync(store, "job/a"));
    }

    [ContractFact]
    public async Task Reads_do_not_notice_that_idle_connections_were_ended()
    {
        PostgreSqlEventStore store = await OpenAsync("host-a");
        await AppendedAsync(store, "job/a");
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => LengthAsync(store, "job/a")));

        await EndConnectionsAsync();

        Assert.Equal(1, await LengthAsync(store, "job/a"));
        Assert.Null(await store.Jobs.FindAsync("a", Ct));
        await AppendedAsync(store, "job/b");
    }

    [ContractFact]
    public async Task Whoever_appends_while_connections_are_ended_is_told_the_truth()
    {
        PostgreSqlEventStore store = await OpenAsync("host-a");
        AppendBatch[] batches = [.. Enumerable.Range(0, 200).Select(i => Numbers($"job/{i}", count: 3))];
        bool[] told = new bool[batches.Length];
        int done = 0;

        await Parallel.ForAsync(0, batches.Length, Ct, async (i, _) =>
        {
            told[i] = await WasWrittenAsync(store, batches[i]);
            if (Interlocked.Increment(ref done) % 10 == 0)
            {
                await EndConnectionsAsync();
            }
        });

        for (int i = 0; i < batches.Length; i++)
        {
            Assert.Equal(told[i] ? 3 : 0, await LengthAsync(store, batches[i].Streams[0].Stream.Value));
        }

        Assert.Equal(3 * told.Count(t => t), await ChainCheck.VerifyAsync(store, Ct));
    }

    private async Task<bool> WasWrittenAsync(PostgreSqlEventStore store, AppendBatch batch)
    {
        try
        {
            return await store.AppendAsync(batch, Ct) is AppendResult.Appended;
        }
        catch (EventStoreException e) when (e is { Code: "store-unavailable", IsOutcomeUnknown: false })
        {
            return false; // The connection was ended twice in a row.
        }
        catch (EventStoreException e) when (e is { Code: "store-unavailable", IsOutcomeUnknown: true })
        {
            return await AskAsync(store, batch.Id);
        }
    }

    private async Task<bool> AskAsync(PostgreSqlEventStore store, Guid batch)
    {
        while (true)
        {
            try
            {
                return await store.WasAppendedAsync(batch, Ct);
            }
            catch (EventStoreException e) when (e.Code == "store-unavailable")
            {
                // Again: this connection was ended too.
            }
        }
    }

    private Task<int> EndConnectionsAsync() => Fixture.ExecuteAsync(
        $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{Fixture.Schema}'");
}
