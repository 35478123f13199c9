using Elasticity.Cli.CommandLine;
using Elasticity.Domain;

namespace Elasticity.Cli.Run;

/// <summary>Cuts a stream into lines, or into items that end in NUL: bytes, whatever they mean.</summary>
/// <param name="stream">The stream.</param>
/// <param name="isNullSeparated">NUL ends an item, not a line feed.</param>
/// <param name="bytesMax">The longest item; a longer one is refused.</param>
internal sealed class LineReader(Stream stream, bool isNullSeparated, int bytesMax)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _from;
    private int _to;
    private bool _isEnd;

    /// <summary>How many items were read, those that were left out among them.</summary>
    public int Count { get; private set; }

    /// <summary>Reads the next item. Empty lines are left out, as <c>xargs</c> does; empty items before a NUL are
    /// not.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The item, until the next call; null at the end.</returns>
    /// <exception cref="CliException"><c>limit-exceeded</c>, <c>invalid</c>.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        byte separator = isNullSeparated ? (byte)0 : (byte)'\n';
        int seen = 0;
        while (true)
        {
            int length = _buffer.AsSpan(_from + seen, _to - _from - seen).IndexOf(separator);
            if (length < 0 && !_isEnd)
            {
                seen = _to - _from;
                CheckLength(seen, Count + 1);
                await FillAsync(cancellationToken);
                continue;
            }

            bool isLast = length < 0;
            ReadOnlyMemory<byte> item = _buffer.AsMemory(_from, isLast ? _to - _from : seen + length);
            _from = isLast ? _to : _from + item.Length + 1;
            if (isLast && item.IsEmpty)
            {
                return null;
            }

            Count++;
            seen = 0;
            if (!item.IsEmpty || isNullSeparated)
            {
                return Check(item);
            }
        }
    }

    private ReadOnlyMemory<byte> Check(ReadOnlyMemory<byte> item)
    {
        CheckLength(item.Length, Count);
        return item.Span.Contains((byte)0)
            ? throw CliException.Refused(
                "invalid", $"Line {Count} holds a NUL, which no argument can. Did you mean --null?")
            : item;
    }

    private void CheckLength(int length, int line)
    {
        if (length > bytesMax)
        {
            throw CliException.Refused(
                RejectionCode.LimitExceeded,
                $"Line {line} is longer than {bytesMax} bytes, which is as long as an argument can be. "
                + "Put it into a file, and give the file's name.");
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_from > 0)
        {
            _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
            (_from, _to) = (0, _to - _from);
        }

        if (_to == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }

        // Reading a terminal cannot be cancelled; waiting for it can.
        Task<int> reading = stream.ReadAsync(_buffer.AsMemory(_to), cancellationToken).AsTask();
        int read = await reading.WaitAsync(cancellationToken);
        _to += read;
        _isEnd = read == 0;
    }
}
