using Elasticity.EventStore.Contract;
using Elasticity.EventStore.Sqlite;
using Xunit;

namespace Elasticity.EventStore.Tests;

/// <summary>
/// What a power failure leaves: the end of the log is cut off, or sectors of it were never written. The store must
/// open, and what is in it must be a prefix of what was appended, batch by batch: this is how the simulator models it.
/// Sectors that went bad in the middle are no torn tail: the store must not open.
/// </summary>
public sealed class TornTailTests : SqliteTests
{
    private const int Batches = 40;
    private const int Damages = 25;
    private const int DamagesOfLargeFiles = 3;

    // With so many transactions whole behind a damage, it must be told, whichever frames it met.
    private const int WholeBehindDamage = 3;

    [Fact]
    public Task A_torn_log_opens_with_a_prefix_of_the_batches() => FreshSeed.TryAsync(async random =>
    {
        await using WrittenLog log = new(await OpenAsync(), DatabasePath);
        using OldReader reader = new(DatabasePath);
        await log.AppendAsync(Batches, random);
        await log.TrimAsync(random);
        await log.AppendAsync(1, random);
        await log.TrimAsync(random);
        await TearAsync(log, Damages, random);
    });

    [Fact]
    public Task A_torn_log_that_began_anew_over_an_older_one_opens_with_a_prefix_too() =>
        FreshSeed.TryAsync(async random =>
        {
            await using WrittenLog log = new(await OpenAsync(), DatabasePath);
            await log.AppendUntilItBeginsAnewAsync(random);
            await log.AppendAsync(Batches / 2, random);
            await TearAsync(log, DamagesOfLargeFiles, random);
        });

    [Fact]
    public Task An_append_torn_in_any_order_of_sectors_opens_with_the_batches_before_it() =>
        FreshSeed.TryAsync(async random =>
        {
            await using WrittenLog log = new(await OpenAsync(), DatabasePath);
            await log.AppendAsync(random.Next(Batches / 2), random);
            byte[] database = log.ReadDatabase();
            for (int i = 0; i < Damages; i++)
            {
                byte[] before = log.ReadLog();
                await log.AppendAsync(1, random);
                byte[] after = log.ReadLog();

                byte[] torn = TornLog.TearAppend(before, after, WalFile.LastTransactionAt(after), random);
                await CheckAsync(log, database, torn, TornLog.FirstDifference(after, torn));
            }
        });

    private static async Task TearAsync(WrittenLog log, int damages, Random random)
    {
        byte[] database = log.ReadDatabase();
        byte[] wal = log.ReadLog();
        for (int i = 0; i < damages; i++)
        {
            (byte[] torn, string how) = TornLog.Tear(wal, log.Ends, random);
            try
            {
                await CheckAsync(log, database, torn, TornLog.FirstDifference(wal, torn));
                Assert.True(WholeBehind(wal, torn) < WholeBehindDamage, "It opens.");
            }
            catch (EventStoreException e) when (e.Code == "store-corrupt")
            {
                bool isInside = TornLog.FirstDifference(wal, torn) < WalFile.LastTransactionAt(wal);
                Assert.True(isInside && WholeBehind(wal, torn) > 0, $"{how} of {wal.Length} bytes: {e.Message}");
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{how} of {wal.Length} bytes: {e.Message}", e);
            }
        }
    }

    /// <summary>How many transactions begin and end behind what differs.</summary>
    private static int WholeBehind(byte[] wal, byte[] torn)
    {
        int same = Enumerable.Range(1, torn.Length).TakeWhile(i => torn[^i] == wal[torn.Length - i]).Count();
        int end = torn.Length - same;
        return torn.Length < wal.Length || same == torn.Length
            ? 0
            : Math.Max(0, WalFile.Frames(wal).Count(f => f.IsEnd && f.Offset >= end) - 1);
    }

    private static async Task CheckAsync(WrittenLog log, byte[] database, byte[] wal, long damagedAt)
    {
        using TemporaryDirectory copy = new();
        string path = Path.Combine(copy.Path, "elasticity.db");
        await File.WriteAllBytesAsync(path, database);
        await File.WriteAllBytesAsync(path + "-wal", wal);
        SqliteEventStoreOptions options = new() { Directory = copy.Path };

        int found;
        await using (SqliteEventStore store = await OpenAsync(options))
        {
            found = await CountBatchesAsync(store, log);
            Assert.InRange(found, log.CertainBefore(damagedAt), log.PossibleBefore(damagedAt));
            await AssertHoldsAsync(store, log.After(found));

            StreamAppend next = Make.Numbers(WrittenLog.Shared(0), log.After(found).HeadOf(WrittenLog.Shared(0)), 3);
            await AppendAsync(store, next);
        }

        await using SqliteEventStore again = await OpenAsync(options with { IsReadOnly = true });
        Assert.Equal(
            log.After(found).HeadOf(WrittenLog.Shared(0)).Version + 3,
            (await again.ReadHeadAsync(WrittenLog.Shared(0), None)).Version);
    }

    /// <summary>The batches that the store remembers are the first ones, with no gap.</summary>
    private static async Task<int> CountBatchesAsync(SqliteEventStore store, WrittenLog log)
    {
        bool[] isThere = await Task.WhenAll(log.Ids.Select(id => store.WasAppendedAsync(id, None).AsTask()));
        int found = isThere.TakeWhile(b => b).Count();
        int last = Array.LastIndexOf(isThere, true);
        Assert.True(last < found, $"Batch {last} is there, and {found} is not.");
        return found;
    }

    /// <summary>Every stream is where these batches left it, and there is no other.</summary>
    private static async Task AssertHoldsAsync(SqliteEventStore store, Contents expected)
    {
        IReadOnlyList<StreamInfo> streams = await store.ListStreamsAsync(string.Empty, null, 10_000, None);
        Assert.Equal(expected.Streams, streams);
        Assert.Equal(
            expected.Streams.Where(s => s.IsOpen),
            await store.ListOpenAsync(null, string.Empty, null, 10_000, None));
        Assert.Equal(expected.Streams.Sum(s => s.Head.Version), await ChainCheck.VerifyAsync(store, None));
        VerifyReport report = await LogVerifier.VerifyAsync(store, string.Empty, null, None);
        Assert.True(report.IsSound, string.Join('\n', report.Faults));
        foreach ((string job, long version) in expected.Jobs)
        {
            Assert.Equal(version, (await store.Jobs.FindAsync(job, None))?.Version);
        }
    }
}
