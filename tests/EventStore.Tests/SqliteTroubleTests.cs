using System.Runtime.Versioning;
using System.Security.Cryptography;
using Elasticity.EventStore.Contract;
using Elasticity.EventStore.Sqlite;
using SQLitePCL;
using Xunit;

namespace Elasticity.EventStore.Tests;

public sealed class SqliteTroubleTests : SqliteTests
{
    [Fact]
    public async Task At_the_quota_nothing_is_written_and_after_trimming_it_goes_on()
    {
        SqliteEventStoreOptions options = new() { Directory = DataDirectory, DatabaseBytesMax = 1_000_000 };
        await using SqliteEventStore store = await OpenAsync(options);

        StreamInfo[] written = await FillAsync(store);
        await FailsAsync("store-full", () => AppendAsync(store, Large("another")));
        Assert.True(new FileInfo(DatabasePath).Length <= 1_000_000);

        AppendBatch tombstone = Make.Batch(Make.Numbers(new StreamId("trim/1"), StreamHead.None));
        Assert.IsType<AppendResult.Appended>(await store.TrimAsync(written[..5], tombstone, None));
        await AppendAsync(store, Large("after"));
        await ChainCheck.VerifyAsync(store, None);
    }

    [Fact]
    public async Task A_batch_that_does_not_fit_does_not_take_its_neighbours_with_it()
    {
        SqliteEventStoreOptions options = new() { Directory = DataDirectory, DatabaseBytesMax = 1_000_000 };
        await using SqliteEventStore store = await OpenAsync(options);
        AppendBatch tooLarge = Make.Batch(Large("large", 2_000_000));

        Task<AppendResult> before = store.AppendAsync(Make.Batch(Large("before")), None).AsTask();
        Task<AppendResult> failing = store.AppendAsync(tooLarge, None).AsTask();
        Task<AppendResult> after = store.AppendAsync(Make.Batch(Large("after")), None).AsTask();

        EventStoreException e = await FailsAsync("store-full", () => failing);
        Assert.True(e.IsTransient);
        Assert.False(e.IsOutcomeUnknown);
        Assert.IsType<AppendResult.Appended>(await before);
        Assert.IsType<AppendResult.Appended>(await after);
        Assert.False(await store.WasAppendedAsync(tooLarge.Id, None));
        Assert.Equal(2, await ChainCheck.VerifyAsync(store, None));
    }

    [TinyDiskFact]
    public async Task On_a_full_disk_nothing_is_written_and_with_room_it_goes_on()
    {
        using TinyDisk disk = new(megabytes: 12);
        await File.WriteAllBytesAsync(disk.Ballast, new byte[8_000_000]);
        await using SqliteEventStore store = await OpenAsync(new SqliteEventStoreOptions { Directory = disk.Data });

        StreamInfo[] written = await FillAsync(store);
        Assert.Equal(written.Length, await ChainCheck.VerifyAsync(store, None));

        File.Delete(disk.Ballast);
        await AppendAsync(store, Large("after"));
        await store.DisposeAsync();

        await using SqliteEventStore again = await OpenAsync(new SqliteEventStoreOptions { Directory = disk.Data });
        Assert.Equal(written.Length + 1, await ChainCheck.VerifyAsync(again, None));
    }

    /// <summary>Otherwise the log goes on growing as if nothing had been, and fills what was freed before it is moved:
    /// then it cannot be moved any more. 16 MB is when it is moved without trouble.</summary>
    [TinyDiskFact]
    public async Task After_a_full_disk_the_log_makes_room_at_once()
    {
        const int Megabyte = 1_000_000;
        using TinyDisk disk = new(megabytes: 32);
        await File.WriteAllBytesAsync(disk.Ballast, new byte[18 * Megabyte]);
        await using SqliteEventStore store = await OpenAsync(new SqliteEventStoreOptions { Directory = disk.Data });
        StreamInfo[] written = await FillAsync(store);
        string log = Assert.Single(Directory.EnumerateFiles(disk.Data, "*-wal"));
        Assert.InRange(new FileInfo(log).Length, 10 * Megabyte, 16 * Megabyte);
        File.Delete(disk.Ballast);
        await Task.Delay(TimeSpan.FromSeconds(1.1)); // It is not tried more often than that.

        await AppendAsync(store, Large("after"));
        await AppendAsync(store, Large("after-that")); // The log is moved between two appends.

        Assert.InRange(new FileInfo(log).Length, 0, 4 * Megabyte);
        Assert.Equal(written.Length + 2, await ChainCheck.VerifyAsync(store, None));
    }

    [TinyDiskFact]
    public async Task A_read_only_disk_can_be_looked_at_and_not_be_owned()
    {
        using TinyDisk disk = new(megabytes: 6);
        SqliteEventStoreOptions options = new() { Directory = disk.Data };
        await using (SqliteEventStore store = await OpenAsync(options))
        {
            await AppendAsync(store, Large("one"));
        }

        disk.MakeReadOnly();

        await FailsAsync("store-read-only", () => OpenAsync(options));
        await using SqliteEventStore looker = await OpenAsync(options with { IsReadOnly = true });
        Assert.Equal(1, await ChainCheck.VerifyAsync(looker, None));
    }

    [UnprivilegedFact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_directory_without_permission_is_refused()
    {
        File.SetUnixFileMode(DataDirectory, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            await FailsAsync("store-read-only", OpenAsync);
        }
        finally
        {
            const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            File.SetUnixFileMode(DataDirectory, Owner);
        }
    }

    [Fact]
    public async Task A_short_queue_makes_callers_wait_and_loses_nothing()
    {
        SqliteEventStoreOptions options = new() { Directory = DataDirectory, QueueMax = 1, ReadersMax = 1 };
        await using SqliteEventStore store = await OpenAsync(options);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(
            i => AppendAsync(store, Make.Numbers(new StreamId($"s/{i}"), StreamHead.None))));

        Assert.Equal(200, await ChainCheck.VerifyAsync(store, None));
    }

    [Theory]
    [InlineData(raw.SQLITE_FULL, "store-full", true, false)]
    [InlineData(raw.SQLITE_IOERR_SHMSIZE, "store-full", true, false)]
    [InlineData(raw.SQLITE_READONLY | (4 << 8), "store-read-only", false, false)]
    [InlineData(raw.SQLITE_CORRUPT, "store-corrupt", false, true)]
    [InlineData(raw.SQLITE_NOTADB, "store-corrupt", false, true)]
    [InlineData(raw.SQLITE_IOERR | (4 << 8), "store-unavailable", true, true)]
    [InlineData(raw.SQLITE_BUSY, "store-unavailable", true, true)]
    [InlineData(raw.SQLITE_NOMEM, "store-failed", false, true)]
    public void Every_code_of_SQLite_has_one_of_ours(int code, string ours, bool isTransient, bool isUnknownAtCommit)
    {
        EventStoreException e = DatabaseErrors.From(code, "detail", "file");

        Assert.Equal(ours, e.Code);
        Assert.Equal(isTransient, e.IsTransient);
        Assert.False(e.IsOutcomeUnknown);
        Assert.Equal(isUnknownAtCommit, DatabaseErrors.AtCommit(e).IsOutcomeUnknown);
    }

    // Appends until the store is full; what was acknowledged is what is there.
    private static async Task<StreamInfo[]> FillAsync(SqliteEventStore store)
    {
        List<StreamInfo> written = [];
        while (true)
        {
            StreamAppend append = Large($"s/{written.Count:D3}");
            AppendBatch batch = Make.Batch(append);
            try
            {
                Assert.IsType<AppendResult.Appended>(await store.AppendAsync(batch, None));
                written.Add(new StreamInfo(append.Stream, append.Next, append.IsOpen));
            }
            catch (EventStoreException e)
            {
                Assert.Equal("store-full", e.Code);
                Assert.False(e.IsOutcomeUnknown);
                Assert.Equal(StreamHead.None, await store.ReadHeadAsync(append.Stream, None));
                return [.. written];
            }
        }
    }

    private static StreamAppend Large(string stream, int bytes = 50_000)
    {
        ReadOnlyMemory<byte> block = Attachments.Encode([RandomNumberGenerator.GetBytes(bytes)]);
        Make.Body body = new("large-1", default, Make.Utf8("{}"), block);
        return Make.Append(new StreamId(stream), StreamHead.None, body) with { IsOpen = false };
    }
}
