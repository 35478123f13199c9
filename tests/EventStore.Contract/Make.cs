using System.Text;

namespace Elasticity.EventStore.Contract;

/// <summary>Test data: events with hashes already chained, batches, rows of the job list.</summary>
public static class Make
{
    /// <summary>An event before it is chained.</summary>
    /// <param name="Type">The stored type.</param>
    /// <param name="Metadata">The metadata bytes.</param>
    /// <param name="Content">The content bytes.</param>
    /// <param name="Attachments">The attachment block.</param>
    public sealed record Body(
        string Type, ReadOnlyMemory<byte> Metadata, ReadOnlyMemory<byte> Content, ReadOnlyMemory<byte> Attachments);

    /// <summary>UTF-8 bytes.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The bytes.</returns>
    public static ReadOnlyMemory<byte> Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A plain event whose content tells its number.</summary>
    /// <param name="number">Any number.</param>
    /// <returns>The event without metadata and attachments.</returns>
    public static Body Numbered(long number) =>
        new("numbered-1", default, Utf8(FormattableString.Invariant($$"""{"number":{{number}}}""")), default);

    /// <summary>An event with payloads.</summary>
    /// <param name="payloads">The payloads, as text.</param>
    /// <returns>The event with metadata.</returns>
    public static Body WithPayloads(params string[] payloads) => new(
        "with-payloads-1",
        Utf8("""{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}"""),
        Utf8("""{"a":1}"""),
        Attachments.Encode([.. payloads.Select(Utf8)]));

    /// <summary>Chains events for one stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="expected">The head they follow.</param>
    /// <param name="bodies">The events, oldest first.</param>
    /// <returns>An append that leaves the stream open, in the shard that <see cref="ShardOf"/> says.</returns>
    public static StreamAppend Append(StreamId stream, StreamHead expected, params Body[] bodies)
    {
        List<EventRecord> records = [];
        StreamHead head = expected;
        foreach (Body body in bodies)
        {
            Hash256 hash = HashChain.Link(
                stream,
                head.Version + 1,
                head.Hash,
                body.Type,
                body.Metadata.Span,
                body.Content.Span,
                Attachments.Root(body.Attachments));
            records.Add(new EventRecord(body.Type, body.Metadata, body.Content, body.Attachments, hash));
            head = new StreamHead(head.Version + 1, hash);
        }

        return new StreamAppend(stream, expected, ShardOf(stream), IsOpen: true, records);
    }

    /// <summary>Chains numbered events for one stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="expected">The head they follow.</param>
    /// <param name="count">How many.</param>
    /// <returns>An append that leaves the stream open.</returns>
    public static StreamAppend Numbers(StreamId stream, StreamHead expected, int count = 1) =>
        Append(stream, expected, [.. Enumerable.Range(1, count).Select(i => Numbered(expected.Version + i))]);

    /// <summary>A batch with a new id.</summary>
    /// <param name="streams">The appends.</param>
    /// <returns>The batch, without rows for the job list.</returns>
    public static AppendBatch Batch(params StreamAppend[] streams) => new(Guid.NewGuid(), streams, []);

    /// <summary>The shard that the suite keeps a stream in: any of the first seven, by its name.</summary>
    /// <param name="stream">The stream.</param>
    /// <returns>0 to 6.</returns>
    public static int ShardOf(StreamId stream) => stream.Value.Sum(c => c) % 7;

    /// <summary>A row of the job list.</summary>
    /// <param name="id">The job.</param>
    /// <param name="minute">When it was opened: minutes after an arbitrary instant.</param>
    /// <param name="state">Its state.</param>
    /// <param name="version">The version shown.</param>
    /// <param name="name">Its name.</param>
    /// <returns>The row.</returns>
    public static JobRow Row(string id, int minute, string state = "open", long version = 1, string name = "") => new(
        id,
        name,
        state,
        new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddMinutes(minute).AddTicks(6_789_123),
        version,
        Utf8($$"""{ "b":1,"a": "{{state}}" }"""));
}
