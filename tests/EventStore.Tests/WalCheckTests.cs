using System.Buffers.Binary;
using Elasticity.EventStore.Sqlite;
using Xunit;

namespace Elasticity.EventStore.Tests;

/// <summary>Damage in write-ahead logs that SQLite wrote, and torn tails, which are none.</summary>
public sealed class WalCheckTests
{
    private const int SectorBytes = 512;
    private const int Transactions = 12;

    // So that the first frame ends no transaction.
    private const int SeveralPages = 20_000;

    [Theory]
    [InlineData(512)]
    [InlineData(8_192)]
    [InlineData(65_536)]
    public Task A_changed_byte_is_told_once_a_later_transaction_has_begun(int pageBytes) => FreshSeed.TryAsync(random =>
    {
        using SmallDatabase database = new(pageBytes);
        database.InsertAny(Transactions, random);
        AssertEachFrameIsJudged(database, database.Log, random);
        return Task.CompletedTask;
    });

    [Fact]
    public Task It_is_told_in_a_log_that_began_anew_over_an_older_one() => FreshSeed.TryAsync(random =>
    {
        using SmallDatabase database = new(1_024);
        database.InsertAny(5 * Transactions, random);
        database.Execute("PRAGMA wal_checkpoint(RESTART)");
        database.InsertAny(Transactions, random);
        byte[] log = database.Log;
        Assert.True(WalFile.Frames(log)[^1].Offset < log.Length / 2);

        AssertEachFrameIsJudged(database, log, random);
        return Task.CompletedTask;
    });

    [Fact]
    public Task It_is_told_in_a_log_from_a_machine_with_the_other_order_of_bytes() => FreshSeed.TryAsync(random =>
    {
        using SmallDatabase database = new(1_024);
        database.InsertAny(Transactions, random);
        byte[] log = OtherOrder(database.Log);
        Assert.Equal(Transactions, database.CountRowsWith(log));

        AssertEachFrameIsJudged(database, log, random);
        return Task.CompletedTask;
    });

    [Fact]
    public void What_is_told_is_what_SQLite_would_have_dropped()
    {
        using SmallDatabase database = new(1_024);
        database.Insert(SeveralPages);
        database.InsertAny(Transactions - 1, new Random(1));
        byte[] log = database.Log;
        (int offset, _) = WalFile.Frames(log)[0];

        WalDamage damage = Find(database, Changed(log, offset + 100))!.Value;

        Assert.Equal(0, database.CountRowsWith(Changed(log, offset + 100)));
        Assert.Equal(new WalDamage(1, offset, Transactions), damage);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(8_192)]
    public void A_changed_header_is_told(int pageBytes)
    {
        using SmallDatabase database = new(pageBytes);
        database.Insert(SeveralPages);
        database.InsertAny(Transactions - 1, new Random(1));
        byte[] log = database.Log;
        for (int at = 0; at < WalFile.HeaderLength; at++)
        {
            byte[] changed = Changed(log, at);
            Assert.Equal(new WalDamage(0, 0, Transactions), Find(database, changed));
            Assert.Equal(0, database.CountRowsWith(changed));
        }

        byte[] lost = [.. log];
        lost.AsSpan(0, SectorBytes).Clear();
        Assert.Equal(new WalDamage(0, 0, Transactions), Find(database, lost));
    }

    [Fact]
    public void A_header_that_was_torn_when_the_log_began_anew_is_no_damage()
    {
        using SmallDatabase database = new(1_024);
        database.InsertAny(Transactions, new Random(1));
        database.Execute("PRAGMA wal_checkpoint(PASSIVE)");
        byte[] log = database.Log;
        database.InsertAny(1, new Random(1));
        byte[] next = database.Log;
        for (int written = 0; written <= WalFile.HeaderLength; written++)
        {
            Assert.Null(Find(database, [.. next[..written], .. log[written..]]));
            Assert.Null(Find(database, [.. log[..written], .. next[written..WalFile.HeaderLength], .. log[32..]]));
        }

        Assert.Null(Find(database, [.. new byte[SectorBytes], .. log[SectorBytes..]]));
    }

    [Fact]
    public void Without_a_database_nothing_is_said_of_a_log_without_a_header()
    {
        using SmallDatabase database = new(1_024);
        database.InsertAny(Transactions, new Random(1));
        using MemoryStream log = new(Changed(database.Log, 0));

        Assert.Null(WalCheck.Find(log, () => new MemoryStream()));
        Assert.Null(WalCheck.Find(log, () => new MemoryStream(new byte[10_000])));
    }

    [Fact]
    public Task Logs_cut_off_anywhere_are_sound() => FreshSeed.TryAsync(random =>
    {
        using SmallDatabase database = new(512);
        Assert.Null(Find(database, database.Log));
        database.InsertAny(Transactions, random);
        byte[] log = database.Log;
        for (int length = 0; length <= log.Length; length++)
        {
            Assert.Null(Find(database, log[..length]));
        }

        Assert.Null(Find(database, new byte[log.Length]));
        return Task.CompletedTask;
    });

    [Theory]
    [InlineData(512, "")]
    [InlineData(8_192, "")]
    [InlineData(512, "psow=0")]
    [InlineData(1_024, "psow=0")]
    public Task An_append_that_was_torn_in_any_order_of_sectors_is_sound(int pageBytes, string parameters) =>
        FreshSeed.TryAsync(random =>
        {
            const int Appends = 60;
            const int Tears = 40;
            using SmallDatabase database = new(pageBytes, parameters);
            database.InsertAny(random.Next(20), random);
            for (int i = 0; i < Appends; i++)
            {
                byte[] before = database.Log;
                int from = EndOf(before);
                AppendAny(database, random);
                byte[] after = database.Log;

                // A log that began anew is torn as a whole, behind its header.
                from = after.AsSpan().StartsWith(before.AsSpan(0, Math.Min(from, before.Length)))
                    ? from
                    : WalFile.HeaderLength;
                for (int tear = 0; tear < Tears; tear++)
                {
                    Assert.Null(Find(database, TornLog.TearAppend(before, after, from, random)));
                }
            }

            return Task.CompletedTask;
        });

    private static void AppendAny(SmallDatabase database, Random random)
    {
        switch (random.Next(8))
        {
            case 0:
                // Far more than the cache: pages go to the log before the end of the transaction, some of them twice.
                // Or it is given up, and something smaller takes its place.
                const string Spill = """
                    PRAGMA cache_size = 10; BEGIN;
                    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
                    INSERT INTO t (content) SELECT randomblob(200) FROM n;
                    UPDATE t SET content = randomblob(150) WHERE id % 3 = 0;
                    """;
                bool isGivenUp = random.Next(2) == 0;
                database.Execute(Spill + (isGivenUp ? "ROLLBACK" : "COMMIT"));
                database.InsertAny(isGivenUp ? 1 : 0, random);
                break;
            case 1:
                database.Execute($"PRAGMA wal_checkpoint({(random.Next(2) == 0 ? "RESTART" : "PASSIVE")})");
                database.InsertAny(1, random);
                break;
            default:
                database.InsertAny(1, random);
                break;
        }
    }

    /// <summary>Changes a byte of each frame's page, one frame at a time, and then one of its header.</summary>
    private static void AssertEachFrameIsJudged(SmallDatabase database, byte[] log, Random random)
    {
        Assert.Null(Find(database, log));
        IReadOnlyList<(int Offset, bool IsEnd)> frames = WalFile.Frames(log);
        for (int i = 0; i < frames.Count; i++)
        {
            (int offset, bool isEnd) = frames[i];
            int length = frames[1].Offset - frames[0].Offset;
            int endsFromHere = frames.Skip(i).Count(f => f.IsEnd);
            bool isEndLost = isEnd && (!IsInOneSector(offset) || MayBeRepeated(log, offset, length));
            int endsAreKnown = isEndLost ? endsFromHere - 1 : endsFromHere;
            WalDamage? expected = endsAreKnown > 1 ? new WalDamage(i + 1, offset, endsAreKnown) : null;

            Assert.Equal(
                expected, Find(database, Changed(log, offset + random.Next(WalFile.FrameHeaderLength, length))));

            // A bit that makes a frame in the middle the end of a transaction looks like two of them, and is no torn
            // tail either.
            int at = random.Next(WalFile.FrameHeaderLength);
            WalDamage? inHeader = Find(database, Changed(log, offset + at));
            Assert.True(endsFromHere <= 3 || inHeader is not null, $"Byte {at} of frame {i + 1} of {frames.Count}.");
            Assert.True(
                endsFromHere > 1 || at is >= 4 and < 8 || inHeader is null,
                $"Byte {at} of frame {i + 1} of {frames.Count}.");
        }
    }

    private static bool IsInOneSector(int offset) =>
        offset / SectorBytes == (offset + WalFile.FrameHeaderLength - 1) / SectorBytes;

    // The next transaction is one page, the same one: it could be the end of this one, repeated to fill a sector.
    private static bool MayBeRepeated(byte[] log, int offset, int length) =>
        offset + (2 * length) <= log.Length
        && log.AsSpan(offset, sizeof(long)).SequenceEqual(log.AsSpan(offset + length, sizeof(long)));

    private static int EndOf(byte[] log) =>
        log.Length < WalFile.HeaderLength || WalFile.Frames(log) is not { Count: > 0 } frames
            ? WalFile.HeaderLength
            : frames[^1].Offset + BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(8)) + WalFile.FrameHeaderLength;

    private static byte[] Changed(byte[] log, int at)
    {
        byte[] changed = [.. log];
        changed[at] ^= 0x10;
        return changed;
    }

    private static WalDamage? Find(SmallDatabase database, byte[] bytes)
    {
        using MemoryStream log = new(bytes);
        return WalCheck.Find(log, database.Open);
    }

    /// <summary>The same log with the lowest bit of its magic number turned, and summed accordingly.</summary>
    private static byte[] OtherOrder(byte[] log)
    {
        byte[] other = [.. log];
        other[3] ^= 1;
        (uint, uint) sum = Sum((0, 0), other.AsSpan(0, 24));
        Write(sum, other.AsSpan(24));
        IReadOnlyList<(int Offset, bool IsEnd)> frames = WalFile.Frames(log);
        int length = frames[1].Offset - frames[0].Offset;
        foreach ((int offset, _) in frames)
        {
            sum = Sum(Sum(sum, other.AsSpan(offset, 8)), other.AsSpan(offset + 24, length - 24));
            Write(sum, other.AsSpan(offset + 16));
        }

        return other;

        static (uint First, uint Second) Sum((uint First, uint Second) sum, ReadOnlySpan<byte> bytes)
        {
            for (int i = 0; i < bytes.Length; i += 8)
            {
                sum.First += BinaryPrimitives.ReadUInt32BigEndian(bytes[i..]) + sum.Second;
                sum.Second += BinaryPrimitives.ReadUInt32BigEndian(bytes[(i + 4)..]) + sum.First;
            }

            return sum;
        }

        static void Write((uint First, uint Second) sum, Span<byte> at)
        {
            BinaryPrimitives.WriteUInt32BigEndian(at, sum.First);
            BinaryPrimitives.WriteUInt32BigEndian(at[4..], sum.Second);
        }
    }
}
