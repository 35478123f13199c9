using Elasticity.EventStore;

namespace Elasticity.Engine.Embedded.Tests.Support;

/// <summary>Counts what is read of streams.</summary>
internal sealed class ReadCounter(IEventStore inner) : FaultyEventStore(inner)
{
    public long EventsRead { get; set; }

    public override async ValueTask<IReadOnlyList<StoredEvent>> ReadStreamAsync(
        StreamId stream, long from, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredEvent> read = await base.ReadStreamAsync(
            stream, from, limit, withAttachments, cancellationToken);
        EventsRead += read.Count;
        return read;
    }
}
