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
        List<AgentEvent> needed = [];
        long before = end.Version + 1;
        while (before > 1 && needed.Count(e => e is AgentEvent.Registered) < AgentState.RegistrationsNeeded)
        {
            long from = Math.Max(1, before - PageLength);
            List<StoredEvent> page = await ReadAsync(stream, from - 1, before - 1, cancellationToken)
                .ConfigureAwait(false);
            long last = page.Count == 0 ? from - 1 : page[^1].Version;
            if (last < before - 1)
            {
                throw new EventStoreException(
                    "store-corrupt", $"Version {last + 1} of {stream} is missing.", isTransient: false);
            }

            needed.InsertRange(0, page.Select(e => EventCodec.Default.DecodeAgent(e.Record)));
            before = from;
        }

        // What comes before it is of a session whose beginning was not read.
        int first = before > 1 ? needed.FindIndex(e => e is AgentEvent.Registered) : 0;
        return (needed.Skip(first).Aggregate(AgentState.None, AgentDecider.Evolve), end);
    }
}
