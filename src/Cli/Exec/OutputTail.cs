namespace Elasticity.Cli.Exec;

/// <summary>The end of what a command writes: the beginning is dropped once there is too much. Safe for
/// concurrent use: a command that has ended may leave a writer behind.</summary>
/// <param name="max">How many bytes are kept; at least 1.</param>
internal sealed class OutputTail(int max)
{
    private readonly Lock _gate = new();
    private byte[] _bytes = [];
    private int _length;
    private long _written;

    /// <summary>Takes what was written.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _written += bytes.Length;
            bytes = bytes.Length > max ? bytes[^max..] : bytes;
            if (_length + bytes.Length > 2L * max)
            {
                Shorten(max - bytes.Length);
            }

            if (_length + bytes.Length > _bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + bytes.Length));
            }

            bytes.CopyTo(_bytes.AsSpan(_length));
            _length += bytes.Length;
        }
    }

    /// <summary>The last bytes, not beginning inside of a character.</summary>
    /// <param name="limit">How many at most.</param>
    /// <returns>The bytes, and how many were dropped before them.</returns>
    public (byte[] Bytes, long Dropped) Last(int limit)
    {
        lock (_gate)
        {
            ReadOnlySpan<byte> last = _bytes.AsSpan(0, _length);
            last = last[^Math.Min(Math.Min(limit, max), last.Length)..];
            int skip = 0;
            while (_written > last.Length && skip < 3 && skip < last.Length && (last[skip] & 0xC0) == 0x80)
            {
                skip++;
            }

            return (last[skip..].ToArray(), _written - last.Length + skip);
        }
    }

    private void Shorten(int length)
    {
        _bytes.AsSpan(_length - length, length).CopyTo(_bytes);
        _length = length;
    }
}
