using System.Buffers.Binary;

namespace Elasticity.EventStore;

/// <summary>
/// The payloads of one event in one block of bytes: for each a tag (0 present, 1 erased), then a little-endian 32-bit
/// length and the bytes, or the 32 bytes of the SHA-256 of what was erased.
/// </summary>
/// <remarks>
/// The event's hash holds only the <see cref="Root"/>: SHA-256 over the SHA-256 of each payload, in order. Erasing a
/// payload leaves its digest in place of its bytes, so the root, and with it the chain, stays the same.
/// </remarks>
public static class Attachments
{
    private const byte Present = 0;
    private const byte Erased = 1;
    private const int LengthBytes = sizeof(int);

    /// <summary>Makes the block.</summary>
    /// <param name="payloads">The payloads in order.</param>
    /// <returns>The block; empty when there is no payload.</returns>
    public static ReadOnlyMemory<byte> Encode(IReadOnlyList<ReadOnlyMemory<byte>> payloads)
    {
        int size = 0;
        for (int i = 0; i < payloads.Count; i++)
        {
            size += 1 + LengthBytes + payloads[i].Length;
        }

        byte[] block = new byte[size];
        Span<byte> rest = block;
        for (int i = 0; i < payloads.Count; i++)
        {
            ReadOnlySpan<byte> payload = payloads[i].Span;
            rest[0] = Present;
            BinaryPrimitives.WriteInt32LittleEndian(rest[1..], payload.Length);
            payload.CopyTo(rest[(1 + LengthBytes)..]);
            rest = rest[(1 + LengthBytes + payload.Length)..];
        }

        return block;
    }

    /// <summary>Takes the block apart. The slices share the block's memory.</summary>
    /// <param name="block">What <see cref="Encode"/> or <see cref="Erase"/> made.</param>
    /// <returns>The payloads in order; null for an erased one.</returns>
    /// <exception cref="EventStoreException"><c>store-corrupt</c>: the block is not in the format.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>?> Decode(ReadOnlyMemory<byte> block)
    {
        List<ReadOnlyMemory<byte>?> payloads = [];
        while (!block.IsEmpty)
        {
            (bool isErased, ReadOnlyMemory<byte> part) = Next(ref block);
            // Without the cast, null would become an empty payload: arrays convert to memory.
            payloads.Add(isErased ? (ReadOnlyMemory<byte>?)null : part);
        }

        return payloads;
    }

    /// <summary>The digest that binds the payloads into the event's hash.</summary>
    /// <param name="block">The block.</param>
    /// <returns>SHA-256 over the payloads' SHA-256 values; all zero when the block is empty.</returns>
    /// <exception cref="EventStoreException"><c>store-corrupt</c>: the block is not in the format.</exception>
    public static Hash256 Root(ReadOnlyMemory<byte> block)
    {
        if (block.IsEmpty)
        {
            return default;
        }

        List<byte> digests = [];
        Span<byte> digest = stackalloc byte[Hash256.ByteCount];
        while (!block.IsEmpty)
        {
            (bool isErased, ReadOnlyMemory<byte> part) = Next(ref block);
            Hash256 hash = isErased ? new Hash256(part.Span) : Hash256.Of(part.Span);
            hash.CopyTo(digest);
            digests.AddRange(digest);
        }

        return Hash256.Of(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(digests));
    }

    /// <summary>Erases payloads.</summary>
    /// <param name="block">The block.</param>
    /// <param name="shouldErase">Which, by position.</param>
    /// <returns>A new block with the same <see cref="Root"/>.</returns>
    /// <exception cref="EventStoreException"><c>store-corrupt</c>: the block is not in the format.</exception>
    public static ReadOnlyMemory<byte> Erase(ReadOnlyMemory<byte> block, Func<int, bool> shouldErase)
    {
        using MemoryStream erased = new(block.Length);
        Span<byte> length = stackalloc byte[LengthBytes];
        for (int i = 0; !block.IsEmpty; i++)
        {
            (bool isErased, ReadOnlyMemory<byte> part) = Next(ref block);
            if (isErased || shouldErase(i))
            {
                erased.WriteByte(Erased);
                erased.Write(isErased ? part.Span : Hash256.Of(part.Span).ToArray());
                continue;
            }

            erased.WriteByte(Present);
            BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
            erased.Write(length);
            erased.Write(part.Span);
        }

        return erased.ToArray();
    }

    private static (bool IsErased, ReadOnlyMemory<byte> Part) Next(ref ReadOnlyMemory<byte> block)
    {
        ReadOnlySpan<byte> span = block.Span;
        bool isErased = span[0] == Erased;
        int start = isErased ? 1 : 1 + LengthBytes;
        if ((!isErased && span[0] != Present) || span.Length < start)
        {
            throw Corrupt();
        }

        int length = isErased ? Hash256.ByteCount : BinaryPrimitives.ReadInt32LittleEndian(span[1..]);
        if (length < 0 || length > span.Length - start)
        {
            throw Corrupt();
        }

        ReadOnlyMemory<byte> part = block.Slice(start, length);
        block = block[(start + length)..];
        return (isErased, part);
    }

    private static EventStoreException Corrupt() =>
        new("store-corrupt", "An attachment block is not in the documented format.", isTransient: false);
}
