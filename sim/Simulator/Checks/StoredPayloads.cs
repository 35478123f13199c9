using System.Buffers.Binary;

namespace Elasticity.Simulator.Checks;

/// <summary>The payloads behind an event, as they are stored: a byte that says how, the length, the bytes; one after
/// the other.</summary>
internal static class StoredPayloads
{
    private const int HeaderLength = 1 + sizeof(int);

    /// <summary>Takes the next payload off.</summary>
    /// <param name="block">What is left of the block; not empty.</param>
    public static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> block)
    {
        int end = HeaderLength + BinaryPrimitives.ReadInt32LittleEndian(block[1..]);
        ReadOnlySpan<byte> payload = block[HeaderLength..end];
        block = block[end..];
        return payload;
    }
}
