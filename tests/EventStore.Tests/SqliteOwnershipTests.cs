using Elasticity.EventStore.Contract;
using Elasticity.EventStore.Sqlite;
using Xunit;

namespace Elasticity.EventStore.Tests;

public sealed class SqliteOwnershipTests : SqliteTests
{
    [Fact]
    public async Task A_second_store_in_the_same_directory_is_refused_and_told_by_whom()
    {
        await using SqliteEventStore owner = await OpenAsync();

        EventStoreException e = await FailsAsync("store-locked", OpenAsync);

        Assert.Contains($"process {Environment.ProcessId} ", e.Message);
        Assert.Contains(Environment.MachineName, e.Message);
        Assert.Contains(DataDirectory, e.Message);
    }

    [Fact]
    public async Task A_second_process_is_refused_and_told_by_whom()
    {
        using OtherProcess owner = await OtherProcess.StartAsync("hold", DataDirectory);

        EventStoreException e = await FailsAsync("store-locked", OpenAsync);
        Assert.Contains($"process {owner.Id} ", e.Message);

        await owner.EndAsync();
        await using SqliteEventStore successor = await OpenAsync();
    }

    [Fact]
    public async Task A_killed_owner_leaves_the_directory_free()
    {
        using OtherProcess owner = await OtherProcess.StartAsync("hold", DataDirectory);
        await owner.KillAsync();

        await using SqliteEventStore successor = await OpenAsync();
    }

    [Fact]
    public async Task A_store_that_failed_to_open_leaves_the_directory_free()
    {
        await File.WriteAllTextAsync(DatabasePath, new string('x', 10_000));
        await FailsAsync("store-corrupt", OpenAsync);

        File.Delete(DatabasePath);
        await using SqliteEventStore successor = await OpenAsync();
    }

    [Fact]
    public async Task Looking_needs_no_ownership_and_sees_what_is_committed()
    {
        await using SqliteEventStore owner = await OpenAsync();
        await using SqliteEventStore looker = await OpenToLookAsync();
        StreamHead head = await AppendAsync(owner, Make.Numbers(new StreamId("job/a"), StreamHead.None));

        Assert.Equal(head, await looker.ReadHeadAsync(new StreamId("job/a"), None));
        Assert.Equal(64, looker.ShardCount);
        Assert.False(looker.Jobs.NeedsRebuild);
        Assert.Equal(1, await ChainCheck.VerifyAsync(looker, None));
    }

    [Fact]
    public async Task Looking_cannot_write()
    {
        await WithStoreAsync(s => AppendAsync(s, Make.Numbers(new StreamId("job/a"), StreamHead.None)));
        await using SqliteEventStore looker = await OpenToLookAsync();

        await FailsAsync("store-read-only", async () =>
            await looker.AppendAsync(Make.Batch(Make.Numbers(new StreamId("job/b"), StreamHead.None)), None));
        await FailsAsync("store-read-only", async () => await looker.Jobs.ClearAsync(None));
    }

    [Fact]
    public async Task Looking_at_nothing_is_refused_and_leaves_nothing()
    {
        await FailsAsync("store-unavailable", OpenToLookAsync);

        Assert.Empty(Directory.EnumerateFileSystemEntries(DataDirectory));
    }

    [Fact]
    public async Task The_directory_is_made_when_it_is_missing()
    {
        string directory = Path.Combine(DataDirectory, "a", "b");

        await using SqliteEventStore store = await OpenAsync(new SqliteEventStoreOptions { Directory = directory });

        Assert.True(File.Exists(Path.Combine(directory, "elasticity.db")));
    }

    [Fact]
    public async Task The_number_of_shards_is_that_of_the_first_opening()
    {
        SqliteEventStoreOptions options = new() { Directory = DataDirectory, ShardCount = 3 };
        await using (SqliteEventStore first = await OpenAsync(options))
        {
            Assert.Equal(3, first.ShardCount);
        }

        await using SqliteEventStore second = await OpenAsync(options with { ShardCount = 5 });
        Assert.Equal(3, second.ShardCount);
    }

    [Fact]
    public async Task Closing_leaves_one_file_of_data()
    {
        await WithStoreAsync(s => AppendAsync(s, Make.Numbers(new StreamId("job/a"), StreamHead.None)));

        Assert.Equal(
            ["elasticity.db", "owner.lock"],
            Directory.EnumerateFiles(DataDirectory).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }
}
