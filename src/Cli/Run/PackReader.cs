using System.Buffers.Binary;
using System.Text;

namespace Elasticity.Cli.Run;

/// <summary>Reads what <see cref="PackWriter"/> wrote.</summary>
/// <param name="bytes">Begins with it.</param>
internal ref struct PackReader(ReadOnlyMemory<byte> bytes)
{
    private const int BitsInByte = 7;
    private const byte More = 0x80;

    private readonly ReadOnlySpan<byte> _span = bytes.Span;
    private int _at;

    /// <summary>One byte.</summary>
    public byte Byte() => _span[_at++];

    /// <summary>A number.</summary>
    public int Number()
    {
        uint value = 0;
        for (int shift = 0; ; shift += BitsInByte)
        {
            byte next = Byte();
            value |= (uint)(next & ~More) << shift;
            if (next < More)
            {
                return (int)value;
            }
        }
    }

    /// <summary>Eight bytes.</summary>
    public long Long()
    {
        long value = BinaryPrimitives.ReadInt64LittleEndian(_span[_at..]);
        _at += sizeof(long);
        return value;
    }

    /// <summary>Bytes, not copied.</summary>
    public ReadOnlyMemory<byte> Bytes()
    {
        int length = Number();
        _at += length;
        return bytes.Slice(_at - length, length);
    }

    /// <summary>A text.</summary>
    public string Text() => Encoding.UTF8.GetString(Bytes().Span);
}
