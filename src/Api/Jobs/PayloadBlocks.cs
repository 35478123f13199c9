using Elasticity.Contracts;
using Elasticity.Domain;

namespace Elasticity.Api.Jobs;

/// <summary>
/// Copies payloads out of the body they came in, into blocks of a few neighbours. The engine keeps some of a job's
/// tasks in memory; as slices of the body, a handful of them would keep all of it.
/// </summary>
internal sealed class PayloadBlocks
{
    private const int BlockBytes = 64 * 1024; // Below the size from which .NET treats arrays as large objects.

    private Memory<byte> _rest;
    private int _expected;

    /// <summary>Makes room.</summary>
    /// <param name="bytes">How much will come in all, so that a small submit gets a small block.</param>
    public PayloadBlocks(long bytes) => _expected = (int)Math.Min(bytes, int.MaxValue);

    /// <summary>Copies one payload.</summary>
    public Payload Keep(RawJson json)
    {
        ReadOnlyMemory<byte> bytes = json.Utf8;
        if (bytes.IsEmpty)
        {
            return Payload.None;
        }

        if (bytes.Length > _rest.Length)
        {
            _rest = new byte[Math.Max(bytes.Length, Math.Min(_expected, BlockBytes))];
        }

        Memory<byte> copy = _rest[..bytes.Length];
        bytes.CopyTo(copy);
        _rest = _rest[bytes.Length..];
        _expected -= bytes.Length;
        return new Payload(copy);
    }
}
