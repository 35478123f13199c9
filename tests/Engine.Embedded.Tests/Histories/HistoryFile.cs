using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests.Histories;

/// <summary>A whole stream of a history.</summary>
/// <param name="Stream">Its name.</param>
/// <param name="IsOpen">Whether it waits for something.</param>
/// <param name="Events">Its events, oldest first.</param>
internal sealed record HistoryStream(StreamId Stream, bool IsOpen, IReadOnlyList<EventRecord> Events);

/// <summary>The files of <c>tests/Histories</c>; its README describes them.</summary>
internal static class HistoryFile
{
    private const int All = 10_000;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Everything that a store holds.</summary>
    public static async Task<IReadOnlyList<HistoryStream>> ReadStoreAsync(IEventStore store)
    {
        List<HistoryStream> streams = [];
        foreach (StreamInfo info in await store.ListStreamsAsync(string.Empty, null, All, default))
        {
            IReadOnlyList<StoredEvent> events = await store.ReadStreamAsync(info.Stream, 1, All, true, default);
            Assert.Equal(info.Head.Version, events.Count);
            streams.Add(new HistoryStream(info.Stream, info.IsOpen, [.. events.Select(e => e.Record)]));
        }

        return streams;
    }

    /// <summary>A store that holds just these streams, as they are.</summary>
    public static async Task<InMemoryEventStore> ToStoreAsync(IReadOnlyList<HistoryStream> streams)
    {
        InMemoryEventStore store = new();
        foreach (HistoryStream s in streams)
        {
            string shardedBy = s.Stream.Value.Split('/')[1];
            StreamAppend append = new(
                s.Stream,
                StreamHead.None,
                StreamNames.ShardOf(shardedBy, store.ShardCount),
                s.IsOpen,
                s.Events);
            Assert.IsType<AppendResult.Appended>(
                await store.AppendAsync(new AppendBatch(Guid.NewGuid(), [append], []), default));
        }

        await store.Jobs.ClearAsync(default); // It is derived: nobody may rely on it.
        return store;
    }

    public static string Write(IReadOnlyList<HistoryStream> streams)
    {
        using MemoryStream bytes = new();
        foreach (HistoryStream stream in streams)
        {
            Line(bytes, json =>
            {
                json.WriteString("stream", stream.Stream.Value);
                json.WriteBoolean("isOpen", stream.IsOpen);
                json.WriteNumber("events", stream.Events.Count);
            });
            foreach (EventRecord record in stream.Events)
            {
                Line(bytes, json => Write(json, record));
            }
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    public static IReadOnlyList<HistoryStream> Read(string text)
    {
        List<HistoryStream> streams = [];
        Queue<string> lines = new(text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        while (lines.TryDequeue(out string? line))
        {
            using JsonDocument head = JsonDocument.Parse(line);
            int count = head.RootElement.GetProperty("events").GetInt32();
            streams.Add(new HistoryStream(
                new StreamId(head.RootElement.GetProperty("stream").GetString()!),
                head.RootElement.GetProperty("isOpen").GetBoolean(),
                [.. Enumerable.Range(0, count).Select(_ => ReadRecord(lines.Dequeue()))]));
        }

        return streams;
    }

    private static void Write(Utf8JsonWriter json, EventRecord record)
    {
        json.WriteString("type", record.Type);
        if (!record.Metadata.IsEmpty)
        {
            json.WritePropertyName("metadata");
            json.WriteRawValue(record.Metadata.Span);
        }

        json.WritePropertyName("content");
        json.WriteRawValue(record.Content.Span);
        if (!record.Attachments.IsEmpty)
        {
            json.WriteBase64String("attachments", record.Attachments.Span);
        }

        json.WriteString("hash", record.Hash.ToString());
    }

    private static EventRecord ReadRecord(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        return new EventRecord(
            root.GetProperty("type").GetString()!,
            Raw("metadata"),
            Raw("content"),
            root.TryGetProperty("attachments", out JsonElement attachments)
                ? attachments.GetBytesFromBase64()
                : default(ReadOnlyMemory<byte>),
            Hash256.Parse(root.GetProperty("hash").GetString()!));

        ReadOnlyMemory<byte> Raw(string name) => root.TryGetProperty(name, out JsonElement value)
            ? Encoding.UTF8.GetBytes(value.GetRawText())
            : default(ReadOnlyMemory<byte>);
    }

    private static void Line(Stream stream, Action<Utf8JsonWriter> write)
    {
        using (Utf8JsonWriter json = new(stream, Relaxed))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }
}
