using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.EventStore.PostgreSql.Tests;

/// <summary>The whole contract on a store that many may write to.</summary>
[RequiresEnvironment(PostgreSqlFixture.Variable, PostgreSqlFixture.Meaning)]
public sealed class SharedPostgreSqlEventStoreTests : EventStoreContract
{
    protected override ValueTask<IStoreFixture> CreateFixtureAsync() =>
        ValueTask.FromResult<IStoreFixture>(new SharedFixture());

    private sealed class SharedFixture : IStoreFixture
    {
        private readonly PostgreSqlFixture _inner = new();

        public async ValueTask<IEventStore> OpenAsync(CancellationToken cancellationToken) =>
            await _inner.OpenUnclaimedAsync(cancellationToken, o => o with { IsShared = true });

        public ValueTask DisposeAsync() => _inner.DisposeAsync();
    }
}

/// <summary>Several writers at once, as the silos of a cluster are.</summary>
[RequiresEnvironment(PostgreSqlFixture.Variable, PostgreSqlFixture.Meaning)]
public sealed class SharedTests : PostgreSqlTest
{
    private const int Writers = 3;

    [ContractFact]
    public async Task Of_two_appends_at_the_same_head_one_is_a_conflict()
    {
        PostgreSqlEventStore[] stores = await OpenAllAsync();
        for (int round = 0; round < 50; round++)
        {
            AppendBatch[] batches = [.. stores.Select(_ => Numbers($"stream-{round}"))];
            AppendResult[] results = await Task.WhenAll(
                stores.Select((s, i) => s.AppendAsync(batches[i], Ct).AsTask()));

            Assert.Single(results.OfType<AppendResult.Appended>());
            Assert.Equal(Writers - 1, results.OfType<AppendResult.Conflict>().Count());
            Assert.Equal(1, await LengthAsync(stores[0], $"stream-{round}"));
        }
    }

    [ContractFact]
    public async Task Nobody_who_reads_the_log_while_many_write_misses_an_event()
    {
        const int AppendsPerWriter = 200;
        PostgreSqlEventStore[] stores = await OpenAllAsync();
        Task writing = Task.WhenAll(stores.Select((store, writer) => Task.Run(
            () => Task.WhenAll(Enumerable.Range(0, AppendsPerWriter)
                .Select(i => AppendedAsync(store, $"writer-{writer}-{i}"))),
            Ct)));

        HashSet<string> seen = [];
        LogCursor cursor = LogCursor.Start;
        bool wasWritten;
        do
        {
            // Anybody's open transaction in the database holds the log back for a while, also after the last append.
            wasWritten = writing.IsCompleted && (await stores[0].ReadLogLagAsync(Ct)).Events == 0;
            LogPage page = await stores[0].ReadLogAsync(cursor, 100, withAttachments: false, Ct);
            Assert.All(page.Events, e => Assert.True(seen.Add(e.Stream.Value)));
            cursor = page.Next;
            wasWritten &= page.IsEnd && page.Events.Count == 0;
        }
        while (!wasWritten);

        await writing;
        Assert.Equal(Writers * AppendsPerWriter, seen.Count);
    }

    [ContractFact]
    public async Task A_shared_store_is_nobodys_and_an_owned_one_is_not_shared()
    {
        PostgreSqlEventStore store = (await OpenAllAsync())[0];

        Assert.False((await store.TryClaimAsync("somebody", Ct)).IsMine);
        await AppendedAsync(store, "a");
        EventStoreException refused = await Assert.ThrowsAsync<EventStoreException>(() => OpenAsync());
        Assert.Equal("store-version", refused.Code);
    }

    [ContractFact]
    public async Task Whoever_is_fenced_appends_nothing_any_more_and_the_others_do()
    {
        PostgreSqlEventStore[] stores = await OpenAllAsync();
        PostgreSqlEventStore fenced = Own(await Fixture.OpenUnclaimedAsync(
            Ct,
            o => o with
            {
                IsShared = true,
                FencedWhen = $"EXISTS (SELECT FROM {o.Schema}.events WHERE stream = 'it is dead')",
            }));
        await AppendedAsync(fenced, "before");

        await AppendedAsync(stores[0], "it is dead");

        Assert.IsType<AppendResult.Fenced>(await fenced.AppendAsync(Numbers("after"), Ct));
        Assert.IsType<AppendResult.Fenced>(await fenced.AppendAsync(Numbers("later"), Ct));
        Assert.Equal(0, await LengthAsync(stores[0], "after"));
        await AppendedAsync(stores[1], "after");
    }

    private async Task<PostgreSqlEventStore[]> OpenAllAsync()
    {
        List<PostgreSqlEventStore> stores = [];
        for (int i = 0; i < Writers; i++)
        {
            stores.Add(Own(await Fixture.OpenUnclaimedAsync(Ct, o => o with { IsShared = true })));
        }

        return [.. stores];
    }
}
