namespace Elasticity.EventStore;

/// <summary>One event as it is stored: bytes, and the hash that binds them to all events before them in the
/// stream.</summary>
/// <param name="Type">The explicit, versioned name: <c>task-leased-1</c>. Never a CLR name.</param>
/// <param name="Metadata">UTF-8 JSON about the event, such as the trace context; empty means none.</param>
/// <param name="Content">UTF-8 JSON of the event without its payloads. A store returns exactly these bytes.</param>
/// <param name="Attachments">
/// The payloads, in the form of <see cref="EventStore.Attachments"/>; empty means none. They enter the hash by their
/// digests only, so that each can be erased and the chain still verifies. Also empty where a read left them out.
/// </param>
/// <param name="Hash">The link of the chain, see <see cref="HashChain"/>.</param>
public sealed record EventRecord(
    string Type,
    ReadOnlyMemory<byte> Metadata,
    ReadOnlyMemory<byte> Content,
    ReadOnlyMemory<byte> Attachments,
    Hash256 Hash)
{
    /// <summary>How many bytes it holds: what pages and batches are bounded by.</summary>
    public long ByteCount => (long)Metadata.Length + Content.Length + Attachments.Length;
}

/// <summary>An event and its place.</summary>
/// <param name="Stream">The stream it belongs to.</param>
/// <param name="Version">Its place in the stream: 1, 2, 3, no gap.</param>
/// <param name="Record">What was stored.</param>
public sealed record StoredEvent(StreamId Stream, long Version, EventRecord Record);
