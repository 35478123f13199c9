using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.EventStore.PostgreSql.Tests;

/// <summary>A server that goes away and comes back under an open store.</summary>
public sealed class RestartTests
{
    [PrivateServerFact]
    public async Task A_store_outlives_an_orderly_restart_of_its_server()
    {
        await using PrivateServer server = await PrivateServer.StartAsync();
        await using PostgreSqlFixture fixture = new(server.ConnectionString);
        await using IEventStore store = await fixture.OpenAsync(default);
        await AppendAsync(store, "job/a");

        await server.StopAsync();
        EventStoreException read = await Assert.ThrowsAsync<EventStoreException>(
            async () => await store.ReadHeadAsync(new StreamId("job/a"), default));
        EventStoreException append = await Assert.ThrowsAsync<EventStoreException>(() => AppendAsync(store, "job/b"));
        EventStoreException again = await Assert.ThrowsAsync<EventStoreException>(() => AppendAsync(store, "job/c"));
        await server.ResumeAsync();

        Assert.All([read, append, again], e => Assert.Equal("store-unavailable", e.Code));
        Assert.All([read, append, again], e => Assert.True(e.IsTransient));
        Assert.True(append.IsOutcomeUnknown); // It was sent to a connection that turned out to be dead.
        Assert.False(again.IsOutcomeUnknown); // There was nowhere to send it.
        await AppendAsync(store, "job/b");
        Assert.Equal(2, await ChainCheck.VerifyAsync(store, default));
    }

    [PrivateServerFact]
    public async Task A_crash_of_the_server_loses_nothing_that_was_acknowledged()
    {
        await using PrivateServer server = await PrivateServer.StartAsync();
        await using PostgreSqlFixture fixture = new(server.ConnectionString);
        await using IEventStore store = await fixture.OpenAsync(default);
        AppendBatch[] batches = [.. Enumerable.Range(0, 100_000)
            .Select(i => Make.Batch(Make.Numbers(new StreamId($"job/{i}"), StreamHead.None)))];
        TaskCompletionSource isBusy = new(TaskCreationOptions.RunContinuationsAsynchronously);
        List<AppendBatch> acknowledged = [];

        Task<AppendBatch> appending = AppendUntilFailureAsync(store, batches, acknowledged, isBusy);
        await isBusy.Task;
        await server.CrashAsync();
        AppendBatch last = await appending;
        await server.ResumeAsync();

        bool wasAppended = await store.WasAppendedAsync(last.Id, default);
        Assert.Equal(acknowledged.Count + (wasAppended ? 1 : 0), await ChainCheck.VerifyAsync(store, default));
        await AppendAsync(store, "job/afterwards");
    }

    private static async Task<AppendBatch> AppendUntilFailureAsync(
        IEventStore store, AppendBatch[] batches, List<AppendBatch> acknowledged, TaskCompletionSource isBusy)
    {
        foreach (AppendBatch batch in batches)
        {
            try
            {
                Assert.IsType<AppendResult.Appended>(await store.AppendAsync(batch, default));
                acknowledged.Add(batch);
            }
            catch (EventStoreException e)
            {
                Assert.Equal("store-unavailable", e.Code);
                return batch;
            }

            if (acknowledged.Count == 50)
            {
                isBusy.SetResult();
            }
        }

        throw new InvalidOperationException("The server never went away.");
    }

    private static async Task AppendAsync(IEventStore store, string stream) => Assert.IsType<AppendResult.Appended>(
        await store.AppendAsync(Make.Batch(Make.Numbers(new StreamId(stream), StreamHead.None)), default));
}
