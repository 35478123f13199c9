using System.Text.Json;
using Elasticity.EventStore;

namespace Elasticity.Simulator.Checks;

/// <summary>
/// Holds the rules against a log that somebody else wrote, such as a server that was killed again and again. What was
/// asked is not known then. The log is taken in the order of its commits, step by step.
/// </summary>
internal static class StoredLog
{
    /// <summary>Reads the log.</summary>
    /// <param name="events">All of its events in the order of their commits, as <see cref="IEventStore.ReadLogAsync"/>
    /// gives them where one process at a time writes.</param>
    /// <param name="isAtomic">Whether an embedded engine wrote it: what aggregates tell each other is decided in one
    /// step.</param>
    /// <returns>How many events were held against the rules.</returns>
    /// <exception cref="Violation">A promise was broken.</exception>
    public static long Check(IEnumerable<StoredEvent> events, bool isAtomic)
    {
        Ledger ledger = new(isWallClockTrue: false, leasesMax: int.MaxValue, isAtomic) { IsComplete = false };
        LogModel log = new(ledger, new Coverage());
        foreach (ArraySegment<StoredEvent> part in Parts(
            [.. events.Where(e => e.Stream.Value.Split('/')[0] is "job" or "task" or "agent")]))
        {
            log.Apply(new AppendBatch(
                Guid.Empty,
                [
                    .. part.GroupBy(e => e.Stream).Select(s => new StreamAppend(
                        s.Key, StreamHead.None, 0, IsOpen: false, [.. s.Select(e => e.Record)])),
                ],
                []));
        }

        return log.EventCount;
    }

    /// <summary>
    /// Where the log was decided bit by bit. A batch holds one step of the engine or several, stream by stream, and
    /// nothing in the log says where it begins. But the events of a step bear one time, and later steps a later one:
    /// so no step reaches over a place where all times before are smaller than all behind. Where somebody set the
    /// clock back there are fewer such places, and less order is checked.
    /// </summary>
    private static IEnumerable<ArraySegment<StoredEvent>> Parts(StoredEvent[] log)
    {
        DateTimeOffset[] times = [.. log.Select(TimeOf)];
        DateTimeOffset[] earliestFrom = [.. times];
        for (int i = log.Length - 2; i >= 0; i--)
        {
            earliestFrom[i] = Min(times[i], earliestFrom[i + 1]);
        }

        DateTimeOffset latest = DateTimeOffset.MinValue;
        int begin = 0;
        for (int i = 0; i < log.Length; i++)
        {
            if (latest < earliestFrom[i] && i > begin)
            {
                yield return new ArraySegment<StoredEvent>(log, begin, i - begin);
                begin = i;
            }

            latest = latest < times[i] ? times[i] : latest;
        }

        if (begin < log.Length)
        {
            yield return new ArraySegment<StoredEvent>(log, begin, log.Length - begin);
        }
    }

    private static DateTimeOffset TimeOf(StoredEvent stored)
    {
        using JsonDocument content = JsonDocument.Parse(stored.Record.Content);
        return content.RootElement.Time("at");
    }

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
