using System.Globalization;
using Elasticity.EventStore.Contract;
using Elasticity.EventStore.Sqlite;
using Xunit;

namespace Elasticity.EventStore.Tests;

public sealed class SqliteCrashTests : SqliteTests
{
    [Fact]
    public async Task A_process_killed_while_it_appends_loses_nothing_acknowledged_and_tears_no_batch()
    {
        long acknowledged = 0;
        foreach (int acknowledgements in (int[])[1, 40, 300, 1_500])
        {
            using OtherProcess victim = await OtherProcess.StartAsync("append", DataDirectory);
            for (int i = 0; i < acknowledgements; i++)
            {
                acknowledged = Parse((await victim.ReadLineAsync())!);
            }

            // The last line may be half a number: then it has not been said.
            string[] unread = await victim.KillAsync();
            acknowledged = unread.Length > 1 ? Parse(unread[^2]) : acknowledged;

            await using (SqliteEventStore looker = await OpenToLookAsync())
            {
                Assert.InRange(acknowledged, 1, await AssertWholeBatchesAsync(looker));
            }

            await using SqliteEventStore store = await OpenAsync();
            long batches = await AssertWholeBatchesAsync(store);
            Assert.InRange(acknowledged, 1, batches);
            Assert.True(await store.WasAppendedAsync(Program.BatchId(batches), None));
            Assert.False(await store.WasAppendedAsync(Program.BatchId(batches + 1), None));
        }
    }

    [Fact]
    public async Task A_log_cut_off_anywhere_opens_with_whole_batches()
    {
        using (OtherProcess victim = await OtherProcess.StartAsync("append", DataDirectory))
        {
            for (int i = 0; i < 100; i++)
            {
                await victim.ReadLineAsync();
            }

            await victim.KillAsync();
        }

        long most = 0;
        for (int part = 0; part <= 12; part++)
        {
            using TemporaryDirectory copy = new();
            CopyWithLogCutOff(copy.Path, part / 12.0);
            await using SqliteEventStore store =
                await OpenAsync(new SqliteEventStoreOptions { Directory = copy.Path });
            long batches = await AssertWholeBatchesAsync(store);
            Assert.True(batches >= most, $"With {part}/12 of the log there are {batches} batches, with less {most}.");
            most = batches;
        }

        Assert.InRange(most, 100, long.MaxValue);
    }

    private static long Parse(string line) => long.Parse(line, CultureInfo.InvariantCulture);

    // A batch is one event in "always" and two in a stream of its own.
    private static async Task<long> AssertWholeBatchesAsync(SqliteEventStore store)
    {
        long events = await ChainCheck.VerifyAsync(store, None);
        long batches = (await store.ReadHeadAsync(new StreamId("always"), None)).Version;
        Assert.Equal(3 * batches, events);
        for (long number = 1; number <= batches; number++)
        {
            Assert.Equal(2, (await store.ReadHeadAsync(new StreamId($"once/{number}"), None)).Version);
        }

        return batches;
    }

    private void CopyWithLogCutOff(string directory, double part)
    {
        string copy = Path.Combine(directory, "elasticity.db");
        File.Copy(DatabasePath, copy);
        File.Copy(DatabasePath + "-wal", copy + "-wal");
        using FileStream log = new(copy + "-wal", FileMode.Open);
        log.SetLength((long)(log.Length * part));
    }
}
