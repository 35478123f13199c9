using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Elasticity.EventStore;

/// <summary>A SHA-256 value (FIPS 180-4) held inline, so that a million stream heads cost no arrays.</summary>
/// <remarks>The default value, 32 zero bytes, is the hash before a stream's first event.</remarks>
public readonly record struct Hash256
{
    /// <summary>The length of a SHA-256 value in bytes.</summary>
    public const int ByteCount = SHA256.HashSizeInBytes;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <summary>Reads a hash from its bytes.</summary>
    /// <param name="bytes">Exactly <see cref="ByteCount"/> bytes.</param>
    /// <exception cref="ArgumentException">The length differs.</exception>
    public Hash256(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ByteCount)
        {
            throw new ArgumentException($"A SHA-256 value has {ByteCount} bytes, not {bytes.Length}.", nameof(bytes));
        }

        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>Hashes bytes.</summary>
    /// <param name="bytes">What to hash.</param>
    /// <returns>Their SHA-256.</returns>
    public static Hash256 Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[ByteCount];
        SHA256.HashData(bytes, hash);
        return new Hash256(hash);
    }

    /// <summary>Parses what <see cref="ToString"/> wrote.</summary>
    /// <param name="text">64 hexadecimal digits.</param>
    /// <returns>The hash.</returns>
    /// <exception cref="FormatException">Not hexadecimal.</exception>
    /// <exception cref="ArgumentException">Not 64 digits.</exception>
    public static Hash256 Parse(string text) => new(Convert.FromHexString(text));

    /// <summary>Writes the 32 bytes.</summary>
    /// <param name="destination">At least <see cref="ByteCount"/> bytes.</param>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>The 32 bytes as a new array.</summary>
    /// <returns>A copy.</returns>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[ByteCount];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    /// <returns>The text form.</returns>
    public override string ToString() => Convert.ToHexStringLower(ToArray());
}
