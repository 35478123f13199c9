using Elasticity.EventStore.Contract;
using Elasticity.EventStore.Sqlite;
using Xunit;

namespace Elasticity.EventStore.Tests;

/// <summary>Damage in the log of a store that was killed: nothing of what had been stored may be dropped in
/// silence.</summary>
public sealed class DamagedLogTests : SqliteTests
{
    private const int Batches = 20;
    private const int HeaderAt = 12;

    private string LogPath => DatabasePath + "-wal";

    [Fact]
    public async Task It_is_refused_with_its_place_and_what_would_be_lost_and_nothing_is_changed()
    {
        byte[] log = await KillAndReadLogAsync();
        IReadOnlyList<(int Offset, bool IsEnd)> frames = WalFile.Frames(log);
        int frame = frames.Count / 2;
        frame += frames[frame].IsEnd ? 1 : 0;
        Damage(frames[frame].Offset + 1_000);
        byte[] database = await File.ReadAllBytesAsync(DatabasePath);
        byte[] damaged = await File.ReadAllBytesAsync(LogPath);

        for (int attempt = 0; attempt < 2; attempt++)
        {
            EventStoreException e = await FailsAsync("store-corrupt", OpenAsync);

            Assert.False(e.IsTransient);
            Assert.Contains($"'{LogPath}'", e.Message);
            Assert.Contains($"Frame {frame + 1}, which begins at byte {frames[frame].Offset},", e.Message);
            Assert.Contains($" {frames.Skip(frame).Count(f => f.IsEnd)} of them.", e.Message);
            Assert.Equal(database, await File.ReadAllBytesAsync(DatabasePath));
            Assert.Equal(damaged, await File.ReadAllBytesAsync(LogPath));
        }
    }

    [Fact]
    public async Task A_damaged_header_is_refused()
    {
        byte[] log = await KillAndReadLogAsync();
        Damage(HeaderAt);

        EventStoreException e = await FailsAsync("store-corrupt", OpenAsync);

        Assert.StartsWith($"The header of '{LogPath}'", e.Message);
        Assert.Contains($" {WalFile.Frames(log).Count(f => f.IsEnd)} of them.", e.Message);
    }

    [Fact]
    public async Task Once_SQLite_dropped_what_is_behind_the_damage_the_store_opens_with_what_is_before_it()
    {
        byte[] log = await KillAndReadLogAsync();
        Damage(WalFile.LastTransactionAt(log) / 2);
        await FailsAsync("store-corrupt", OpenAsync);

        Tamper("PRAGMA wal_checkpoint(TRUNCATE)");

        await using SqliteEventStore store = await OpenAsync();
        Assert.InRange(await ChainCheck.VerifyAsync(store, None), 1, Batches - 1);
    }

    [Fact]
    public async Task Whoever_only_looks_is_refused_too_unless_somebody_owns_it_who_may_be_writing()
    {
        byte[] log = await KillAndReadLogAsync();
        Damage(WalFile.LastTransactionAt(log) / 2);
        await FailsAsync("store-corrupt", OpenToLookAsync);

        using OwnerLock owner = OwnerLock.Take(DataDirectory);
        await using SqliteEventStore looker = await OpenToLookAsync();
    }

    [Fact]
    public async Task A_copy_that_nobody_ever_owned_is_looked_at_too()
    {
        byte[] log = await KillAndReadLogAsync();
        Damage(WalFile.LastTransactionAt(log) / 2);
        File.Delete(Path.Combine(DataDirectory, "owner.lock"));

        await FailsAsync("store-corrupt", OpenToLookAsync);
    }

    [Fact]
    public async Task Where_appends_do_not_wait_for_the_disk_nothing_can_be_told()
    {
        byte[] log = await KillAndReadLogAsync();
        Damage(WalFile.LastTransactionAt(log) / 2);

        await using SqliteEventStore store = await OpenAsync(
            new SqliteEventStoreOptions { Directory = DataDirectory, Synchronous = SqliteSynchronous.Normal });
    }

    [Fact]
    public async Task Looking_while_another_process_writes_is_never_refused()
    {
        // Long enough for the log to begin anew.
        const int Looks = 60;
        const int BatchesPerLook = 10;
        using OtherProcess owner = await OtherProcess.StartAsync("append", DataDirectory);
        for (int i = 0; i < Looks * BatchesPerLook; i++)
        {
            Assert.NotNull(await owner.ReadLineAsync());
            if (i % BatchesPerLook == 0)
            {
                await using SqliteEventStore looker = await OpenToLookAsync();
            }
        }

        await owner.KillAsync();
    }

    /// <summary>The data directory as a killed process leaves it, with all batches in the log.</summary>
    private async Task<byte[]> KillAndReadLogAsync()
    {
        using TemporaryDirectory other = new();
        string path = Path.Combine(other.Path, "elasticity.db");
        await using SqliteEventStore store = await OpenAsync(new SqliteEventStoreOptions { Directory = other.Path });
        for (int i = 0; i < Batches; i++)
        {
            await AppendAsync(store, Make.Numbers(new StreamId($"job/{i}"), StreamHead.None));
        }

        byte[] log = WalFile.ReadShared(path + "-wal", int.MaxValue);
        await File.WriteAllBytesAsync(DatabasePath, WalFile.ReadShared(path, int.MaxValue));
        await File.WriteAllBytesAsync(LogPath, log);
        await File.WriteAllTextAsync(Path.Combine(DataDirectory, "owner.lock"), string.Empty);
        return log;
    }

    private void Damage(int at)
    {
        using FileStream log = new(LogPath, FileMode.Open);
        log.Position = at;
        int before = log.ReadByte();
        log.Position = at;
        log.WriteByte((byte)(before ^ 1));
    }
}
