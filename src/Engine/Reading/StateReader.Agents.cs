using System.Runtime.CompilerServices;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine;

/// <summary>Agents: their streams never end, but most of what is in them no longer matters.</summary>
public sealed partial class StateReader
{
    /// <summary>Folds an agent. Of a long stream only the end is read: see
    /// <see cref="AgentState.RegistrationsNeeded"/>.</summary>
    /// <param name="id">The agent.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The state, and the head of the stream.</returns>
    public async ValueTask<(AgentState State, StreamHead Head)> AgentAsync(
        AgentId id, CancellationToken cancellationToken)
    {
        StreamId stream = StreamNames.Of(id);
        StreamHead end = await store.ReadHeadAsync(stream, cancellationToken).ConfigureAwait(false);
        LinkedList<AgentEvent> needed = [];
        int registrations = 0;
        long before = end.Version + 1;
        while (before > 1 && registrations < AgentState.RegistrationsNeeded)
        {
            long from = Math.Max(1, before - PageLength);
            LinkedListNode<AgentEvent>? last = null;
            await foreach (AgentEvent e in AgentEventsAsync(stream, from, before, cancellationToken)
                .ConfigureAwait(false))
            {
                last = last is null ? needed.AddFirst(e) : needed.AddAfter(last, e);
                registrations += e is AgentEvent.Registered ? 1 : 0;
            }

            before = from;
        }

        while (before > 1 && needed.First!.Value is not AgentEvent.Registered)
        {
            needed.RemoveFirst(); // Of a session whose beginning was not read.
        }

        return (needed.Aggregate(AgentState.None, AgentDecider.Evolve), end);
    }

    private async IAsyncEnumerable<AgentEvent> AgentEventsAsync(
        StreamId stream,
        long from,
        long before,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (from < before)
        {
            IReadOnlyList<StoredEvent> page = await store
                .ReadStreamAsync(stream, from, (int)(before - from), withAttachments: false, cancellationToken)
                .ConfigureAwait(false);
            foreach (StoredEvent e in page)
            {
                yield return EventCodec.Default.DecodeAgent(e.Record);
            }

            from = page.Count > 0
                ? page[^1].Version + 1
                : throw new EventStoreException(
                    "store-corrupt", $"Version {from} of {stream} is missing.", isTransient: false);
        }
    }
}
