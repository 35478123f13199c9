using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Elasticity.EventStore;

/// <summary>The tamper-evident chain of a stream.</summary>
/// <remarks>
/// hash(n) = SHA-256 over, each preceded by its length as 32-bit little-endian: stream name, type, metadata, content;
/// then the version as 64-bit little-endian, the root of the attachments (32 bytes) and hash(n-1) (32 bytes). Lengths
/// first, so that no two events share an encoding. It is not keyed: it shows corruption and edits, not an attacker who
/// recomputes everything.
/// </remarks>
public static class HashChain
{
    private const int StackBytesMax = 2048;

    /// <summary>Computes the hash of an event.</summary>
    /// <param name="stream">Its stream.</param>
    /// <param name="version">Its version; at least 1.</param>
    /// <param name="previous">The hash of the event before; all zero for version 1.</param>
    /// <param name="type">Its stored type.</param>
    /// <param name="metadata">Its metadata bytes.</param>
    /// <param name="content">Its content bytes.</param>
    /// <param name="attachments">The root of its attachments, see <see cref="Attachments.Root"/>.</param>
    /// <returns>The link.</returns>
    public static Hash256 Link(
        StreamId stream,
        long version,
        Hash256 previous,
        string type,
        ReadOnlySpan<byte> metadata,
        ReadOnlySpan<byte> content,
        Hash256 attachments)
    {
        int size = (4 * sizeof(int)) + sizeof(long) + (2 * Hash256.ByteCount)
            + Encoding.UTF8.GetByteCount(stream.Value) + Encoding.UTF8.GetByteCount(type)
            + metadata.Length + content.Length;
        Span<byte> buffer = size <= StackBytesMax ? stackalloc byte[size] : new byte[size];

        Span<byte> rest = Put(buffer, stream.Value);
        rest = Put(rest, type);
        rest = Put(rest, metadata);
        rest = Put(rest, content);
        BinaryPrimitives.WriteInt64LittleEndian(rest, version);
        attachments.CopyTo(rest[sizeof(long)..]);
        previous.CopyTo(rest[(sizeof(long) + Hash256.ByteCount)..]);

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer, hash);
        return new Hash256(hash);
    }

    /// <summary>Checks one stored event against the head before it.</summary>
    /// <param name="before">The head of the stream before the event.</param>
    /// <param name="stored">The event, with its attachments.</param>
    /// <returns>Whether version and hash follow.</returns>
    public static bool Follows(StreamHead before, StoredEvent stored)
    {
        EventRecord e = stored.Record;
        Hash256 root = Attachments.Root(e.Attachments);
        return stored.Version == before.Version + 1 && e.Hash == Link(
            stored.Stream, stored.Version, before.Hash, e.Type, e.Metadata.Span, e.Content.Span, root);
    }

    private static Span<byte> Put(Span<byte> buffer, string text)
    {
        int length = Encoding.UTF8.GetBytes(text, buffer[sizeof(int)..]);
        BinaryPrimitives.WriteInt32LittleEndian(buffer, length);
        return buffer[(sizeof(int) + length)..];
    }

    private static Span<byte> Put(Span<byte> buffer, ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(buffer, bytes.Length);
        bytes.CopyTo(buffer[sizeof(int)..]);
        return buffer[(sizeof(int) + bytes.Length)..];
    }
}
