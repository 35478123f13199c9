using Elasticity.EventStore;

namespace Elasticity.Simulator.Checks;

/// <summary>
/// Holds the rules against a log that somebody else wrote, such as a server that was killed again and again. What was
/// asked is not known then, nor what was stored together: jobs and agents are folded first, and then the tasks, each
/// stream by itself; at the end they must agree.
/// </summary>
internal static class StoredLog
{
    /// <summary>Reads the log.</summary>
    /// <param name="events">All of its events; within a stream in order.</param>
    /// <returns>How many events were held against the rules.</returns>
    /// <exception cref="Violation">A promise was broken.</exception>
    public static long Check(IEnumerable<StoredEvent> events)
    {
        Ledger ledger = new(isWallClockTrue: false, leasesMax: int.MaxValue, isAtomic: false) { IsComplete = false };
        LogModel log = new(ledger, new Coverage());
        StreamAppend[] streams =
        [
            .. events.GroupBy(e => e.Stream)
                .Where(s => s.Key.Value.Split('/')[0] is "job" or "task" or "agent")
                .Select(s => new StreamAppend(s.Key, StreamHead.None, 0, IsOpen: false, [.. s.Select(e => e.Record)])),
        ];
        log.Apply(new AppendBatch(Guid.Empty, streams, []));
        return log.EventCount;
    }
}
