using Elasticity.EventStore;

namespace Elasticity.Grains;

/// <summary>What all journaled grains, and the desk, have in common.</summary>
internal static class Journal
{
    /// <summary>The log-consistency provider: the grains store their events themselves.</summary>
    public const string Provider = "elasticity";

    /// <summary>Turns events into records, each chained to the one before.</summary>
    /// <param name="head">The head of the stream.</param>
    /// <param name="state">The state that goes with it.</param>
    /// <param name="events">What is to be appended, oldest first.</param>
    /// <param name="encode">Encodes an event after a head.</param>
    /// <param name="evolve">Applies an event.</param>
    /// <returns>The records, and head and state after them.</returns>
    public static (List<EventRecord> Records, StreamHead Head, TState State) Write<TState, TEvent>(
        StreamHead head,
        TState state,
        IReadOnlyList<TEvent> events,
        Func<StreamHead, TEvent, EventRecord> encode,
        Func<TState, TEvent, TState> evolve)
    {
        List<EventRecord> records = new(events.Count);
        foreach (TEvent e in events)
        {
            EventRecord record = encode(head, e);
            records.Add(record);
            head = new StreamHead(head.Version + 1, record.Hash);
            state = evolve(state, e);
        }

        return (records, head, state);
    }
}
