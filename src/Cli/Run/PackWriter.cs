using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Elasticity.Cli.Run;

/// <summary>Writes the bytes that <see cref="PackReader"/> reads. They never leave the process.</summary>
/// <param name="to">Where they go.</param>
internal readonly ref struct PackWriter(ArrayBufferWriter<byte> to)
{
    private const int NumberBytesMax = 5; // 32 bits, seven in a byte.
    private const int BitsInByte = 7;
    private const byte More = 0x80;

    /// <summary>One byte.</summary>
    public void Byte(byte value)
    {
        to.GetSpan(1)[0] = value;
        to.Advance(1);
    }

    /// <summary>Any number; small ones take one byte.</summary>
    public void Number(int value)
    {
        Span<byte> bytes = to.GetSpan(NumberBytesMax);
        uint rest = (uint)value;
        int length = 0;
        for (; rest >= More; rest >>= BitsInByte)
        {
            bytes[length++] = (byte)(rest | More);
        }

        bytes[length++] = (byte)rest;
        to.Advance(length);
    }

    /// <summary>Eight bytes.</summary>
    public void Long(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to.GetSpan(sizeof(long)), value);
        to.Advance(sizeof(long));
    }

    /// <summary>Bytes, with their number.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        to.Write(value);
    }

    /// <summary>A text without halves of characters, which JSON cannot hold either.</summary>
    public void Text(string value)
    {
        Number(Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, to);
    }
}
