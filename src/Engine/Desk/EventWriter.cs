using Elasticity.EventStore;

namespace Elasticity.Engine;

/// <summary>What everybody has in common who appends what a decider decided.</summary>
public static class EventWriter
{
    /// <summary>Turns events into records, each chained to the one before.</summary>
    /// <typeparam name="TState">The state of the stream.</typeparam>
    /// <typeparam name="TEvent">Its events.</typeparam>
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
