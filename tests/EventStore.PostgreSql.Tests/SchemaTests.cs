using Elasticity.EventStore.Contract;
using Npgsql;
using Xunit;

namespace Elasticity.EventStore.PostgreSql.Tests;

[RequiresEnvironment(PostgreSqlFixture.Variable, PostgreSqlFixture.Meaning)]
public sealed class SchemaTests : PostgreSqlTest
{
    [ContractFact]
    public async Task Many_processes_may_create_the_store_at_once()
    {
        PostgreSqlEventStore[] stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OpenAsync()));

        Assert.All(stores, s => Assert.Equal(64, s.ShardCount));
        Assert.Equal(1, await Fixture.ScalarAsync<long>("SELECT count(*) FROM store"));
    }

    [ContractFact]
    public async Task The_number_of_shards_stays_what_it_was()
    {
        PostgreSqlEventStore created = Own(await Fixture.OpenUnclaimedAsync(Ct, o => o with { ShardCount = 16 }));
        PostgreSqlEventStore opened = Own(await Fixture.OpenUnclaimedAsync(Ct, o => o with { ShardCount = 32 }));

        Assert.Equal(16, created.ShardCount);
        Assert.Equal(16, opened.ShardCount);
    }

    [ContractFact]
    public async Task A_store_of_a_newer_release_is_refused()
    {
        await OpenAsync();
        await Fixture.ExecuteAsync("UPDATE store SET version = 1000");

        Assert.Equal("store-version", await RefusalAsync());
    }

    [ContractFact]
    public async Task A_store_of_another_kind_of_engine_is_refused()
    {
        await OpenAsync();
        await Fixture.ExecuteAsync("UPDATE store SET kind = 'orleans'");

        Assert.Equal("store-version", await RefusalAsync());
    }

    [ContractFact]
    public async Task A_store_of_an_older_release_is_brought_up_to_date()
    {
        PostgreSqlEventStore store = await OpenAsync("host-a");
        await AppendedAsync(store, "job/a");
        await store.DisposeAsync();
        await Fixture.ExecuteAsync("DROP FUNCTION append"); // What the third schema file made.
        await Fixture.ExecuteAsync("UPDATE store SET version = 2");

        PostgreSqlEventStore upgraded = await OpenAsync("host-a");

        await AppendedAsync(upgraded, "job/b");
        Assert.False(upgraded.Jobs.NeedsRebuild);
    }

    [ContractFact]
    public async Task A_missing_job_list_is_made_anew_and_has_to_be_rebuilt()
    {
        PostgreSqlEventStore store = await OpenAsync("host-a");
        await store.AppendAsync(Numbers("job/a") with { Jobs = [Make.Row("a", 1)] }, Ct);
        await store.DisposeAsync();
        await Fixture.ExecuteAsync("DROP TABLE jobs");

        PostgreSqlEventStore opened = await OpenAsync("host-a");

        Assert.True(opened.Jobs.NeedsRebuild);
        Assert.Null(await opened.Jobs.FindAsync("a", Ct));
        await opened.Jobs.WriteAsync([Make.Row("a", 1)], isLast: true, Ct);
        Assert.False(opened.Jobs.NeedsRebuild);
        Assert.NotNull(await opened.Jobs.FindAsync("a", Ct));
    }

    [ContractFact]
    public async Task A_name_with_what_the_database_cannot_store_does_not_stop_an_append()
    {
        PostgreSqlEventStore store = await OpenAsync("host-a");
        AppendBatch batch = Numbers("job/a") with { Jobs = [Make.Row("a", 1, name: "a\0b")] };

        Assert.IsType<AppendResult.Appended>(await store.AppendAsync(batch, Ct));

        Assert.Equal("a\uFFFDb", (await store.Jobs.FindAsync("a", Ct))!.Name);
        Assert.Single(await store.Jobs.ListAsync(new JobFilter(Search: "\0B"), null, 10, Ct));
    }

    [ContractFact]
    public async Task A_role_that_is_set_to_lose_commits_or_to_see_old_data_does_not_get_its_way()
    {
        const string Settings = ";Options=-c synchronous_commit=off -c default_transaction_isolation=serializable";
        Database database = Own(new Database(
            new PostgreSqlEventStoreOptions { ConnectionString = Fixture.ConnectionString + Settings }));
        NpgsqlConnection connection = Own(await database.OpenSingleAsync(Ct));

        Assert.Equal("on", await RunAsync(connection, "SHOW synchronous_commit"));
        Assert.Equal("read committed", await RunAsync(connection, "SHOW transaction_isolation"));
    }

    [ContractFact]
    public async Task Options_out_of_range_are_named()
    {
        PostgreSqlEventStoreOptions good = new() { ConnectionString = Fixture.ConnectionString };
        (PostgreSqlEventStoreOptions Options, string Name)[] bad =
        [
            (good with { Schema = "Robert'; DROP" }, nameof(good.Schema)),
            (good with { Schema = "pg_elasticity" }, nameof(good.Schema)),
            (good with { ShardCount = 0 }, nameof(good.ShardCount)),
            (good with { OwnershipTimeout = TimeSpan.Zero }, nameof(good.OwnershipTimeout)),
            (good with { CommandTimeout = TimeSpan.Zero }, nameof(good.CommandTimeout)),
            (good with { QueueMax = 0 }, nameof(good.QueueMax)),
            (good with { ReadersMax = 0 }, nameof(good.ReadersMax)),
        ];

        foreach ((PostgreSqlEventStoreOptions options, string name) in bad)
        {
            ArgumentException e = await Assert.ThrowsAnyAsync<ArgumentException>(
                () => PostgreSqlEventStore.OpenAsync(options, Ct));
            Assert.Contains(name, e.Message);
        }
    }

    private async Task<string> RefusalAsync() =>
        (await Assert.ThrowsAsync<EventStoreException>(() => OpenAsync())).Code;
}
