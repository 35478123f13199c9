using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Elasticity.EventStore.Sqlite;

/// <summary>The checksum that runs through SQLite's write-ahead log: each is the sum so far, over the header and all
/// frames.</summary>
/// <param name="First">Its first word.</param>
/// <param name="Second">Its second word.</param>
internal readonly record struct WalChecksum(uint First, uint Second)
{
    /// <summary>Two words, stored with the highest byte first whatever the order of the sum.</summary>
    public const int Length = 2 * sizeof(uint);

    /// <summary>Reads one as it is stored.</summary>
    public static WalChecksum Read(ReadOnlySpan<byte> stored) => new(
        BinaryPrimitives.ReadUInt32BigEndian(stored), BinaryPrimitives.ReadUInt32BigEndian(stored[sizeof(uint)..]));

    /// <summary>Goes on over more bytes.</summary>
    /// <param name="bytes">A multiple of eight of them.</param>
    /// <param name="isBigEndian">In which order the machine that wrote the log summed the bytes of a word.</param>
    public WalChecksum Over(ReadOnlySpan<byte> bytes, bool isBigEndian)
    {
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(bytes);
        return isBigEndian == BitConverter.IsLittleEndian ? OverForeign(words) : OverNative(words);
    }

    private WalChecksum OverNative(ReadOnlySpan<uint> words)
    {
        (uint first, uint second) = (First, Second);
        for (int i = 0; i + 1 < words.Length; i += 2)
        {
            first = unchecked(first + words[i] + second);
            second = unchecked(second + words[i + 1] + first);
        }

        return new WalChecksum(first, second);
    }

    private WalChecksum OverForeign(ReadOnlySpan<uint> words)
    {
        (uint first, uint second) = (First, Second);
        for (int i = 0; i + 1 < words.Length; i += 2)
        {
            first = unchecked(first + BinaryPrimitives.ReverseEndianness(words[i]) + second);
            second = unchecked(second + BinaryPrimitives.ReverseEndianness(words[i + 1]) + first);
        }

        return new WalChecksum(first, second);
    }
}
