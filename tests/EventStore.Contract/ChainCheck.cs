using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Elasticity.EventStore.Contract;

/// <summary>
/// Recomputes every hash of a store from the words of the documentation. Shares no code with <see cref="HashChain"/>
/// and <see cref="Attachments"/>, so that a slip in one of them cannot hide.
/// </summary>
public static class ChainCheck
{
    /// <summary>Fails unless every stream is gapless, chained, and ends in its head, and the log holds the same
    /// events.</summary>
    /// <param name="store">The store; nobody writes to it meanwhile.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How many events there are.</returns>
    public static async Task<long> VerifyAsync(IEventStore store, CancellationToken cancellationToken)
    {
        long events = 0;
        StreamId? after = null;
        while (true)
        {
            IReadOnlyList<StreamInfo> page =
                await store.ListStreamsAsync(string.Empty, after, 1_000, cancellationToken);
            foreach (StreamInfo stream in page)
            {
                events += await VerifyAsync(store, stream, cancellationToken);
                after = stream.Stream;
            }

            if (page.Count < 1_000)
            {
                Assert.Equal(events, await CountLogAsync(store, events, cancellationToken));
                return events;
            }
        }
    }

    // The log may show the last commits a little later than the streams do, so it is followed until it has caught up.
    private static async Task<long> CountLogAsync(IEventStore store, long expected, CancellationToken cancellationToken)
    {
        long count = 0;
        LogCursor cursor = LogCursor.Start;
        while (true)
        {
            LogPage page = await store.ReadLogAsync(cursor, 1_000, withAttachments: false, cancellationToken);
            count += page.Events.Count;
            cursor = page.Next;
            if (page.IsEnd && count >= expected)
            {
                return count;
            }
        }
    }

    private static async Task<long> VerifyAsync(
        IEventStore store, StreamInfo stream, CancellationToken cancellationToken)
    {
        Assert.Equal(stream.Head, await store.ReadHeadAsync(stream.Stream, cancellationToken));
        Assert.True(stream.Head.Version >= 1, $"{stream.Stream} is listed without an event.");

        long version = 0;
        byte[] previous = new byte[32];
        while (true)
        {
            IReadOnlyList<StoredEvent> events =
                await store.ReadStreamAsync(stream.Stream, version + 1, 500, withAttachments: true, cancellationToken);
            if (events.Count == 0)
            {
                break;
            }

            foreach (StoredEvent stored in events)
            {
                Assert.Equal(stream.Stream, stored.Stream);
                Assert.Equal(++version, stored.Version);
                previous = Link(stored, previous);
                Assert.True(
                    Convert.ToHexStringLower(previous) == stored.Record.Hash.ToString(),
                    $"The hash of {stored.Stream} version {version} does not follow from its bytes.");
            }
        }

        Assert.Equal(stream.Head, new StreamHead(version, new Hash256(previous)));
        return version;
    }

    private static byte[] Link(StoredEvent stored, byte[] previous)
    {
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes); // little-endian by definition
        foreach (byte[] part in (byte[][])
            [
                Encoding.ASCII.GetBytes(stored.Stream.Value),
                Encoding.UTF8.GetBytes(stored.Record.Type),
                stored.Record.Metadata.ToArray(),
                stored.Record.Content.ToArray(),
            ])
        {
            writer.Write(part.Length);
            writer.Write(part);
        }

        writer.Write(stored.Version);
        writer.Write(Root(stored.Record.Attachments.ToArray()));
        writer.Write(previous);
        writer.Flush();
        return SHA256.HashData(bytes.ToArray());
    }

    private static byte[] Root(byte[] block)
    {
        if (block.Length == 0)
        {
            return new byte[32];
        }

        using BinaryReader reader = new(new MemoryStream(block));
        using MemoryStream digests = new();
        while (reader.BaseStream.Position < block.Length)
        {
            bool isErased = reader.ReadByte() == 1;
            digests.Write(isErased ? reader.ReadBytes(32) : SHA256.HashData(reader.ReadBytes(reader.ReadInt32())));
        }

        return SHA256.HashData(digests.ToArray());
    }
}
