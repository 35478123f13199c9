using System.Globalization;
using Elasticity.EventStore.Contract;
using Elasticity.EventStore.Sqlite;

namespace Elasticity.EventStore.Tests;

/// <summary>The other process in tests that need one: opens a store, then does as it is told until it is
/// killed.</summary>
internal static class Program
{
    // As the engine does: while one append is made durable, the next is under way.
    private const int UnderWay = 4;

    public static async Task<int> Main(string[] args)
    {
        SqliteEventStoreOptions options = new() { Directory = args[1] };
        await using SqliteEventStore store = await SqliteEventStore.OpenAsync(options, CancellationToken.None);
        Console.WriteLine("open");
        switch (args[0])
        {
            case "hold":
                await Console.In.ReadLineAsync();
                return 0;
            case "append":
                await AppendForEverAsync(store);
                return 0;
            default:
                return 2;
        }
    }

    /// <summary>The id of a batch of <see cref="AppendForEverAsync"/>.</summary>
    public static Guid BatchId(long number) => new((int)number, 1, 2, [3, 4, 5, 6, 7, 8, 9, 10]);

    /// <summary>Two streams for each batch: one that is always the same, one event; one that is new, two
    /// events.</summary>
    private static async Task AppendForEverAsync(SqliteEventStore store)
    {
        StreamId always = new("always");
        StreamHead head = await store.ReadHeadAsync(always, CancellationToken.None);
        Queue<Task<AppendResult>> appends = new();
        for (long number = head.Version + 1; ; number++)
        {
            StreamAppend append =
                Make.Append(always, head, Make.WithPayloads(new string('x', (int)(number % 5_000))));
            StreamAppend once = Make.Numbers(new StreamId($"once/{number}"), StreamHead.None, 2);
            AppendBatch batch = new(BatchId(number), [append, once], []);
            appends.Enqueue(store.AppendAsync(batch, CancellationToken.None).AsTask());
            head = append.Next;

            if (appends.Count == UnderWay)
            {
                if (await appends.Dequeue() is not AppendResult.Appended)
                {
                    throw new InvalidOperationException("Nobody else writes, and yet there is a conflict.");
                }

                // Only what has been printed counts as acknowledged.
                Console.WriteLine((number - UnderWay + 1).ToString(CultureInfo.InvariantCulture));
            }
        }
    }
}
