using System.Buffers.Binary;

namespace Elasticity.EventStore.Sqlite;

/// <summary>A frame of SQLite's write-ahead log: a page as a transaction left it. One is read after the other into the
/// same memory.</summary>
/// <param name="pageBytes">How large a page is.</param>
internal sealed class WalFrame(int pageBytes)
{
    private const int HeaderLength = 24;
    private const int DatabasePagesAt = 4;
    private const int SaltsAt = 8;
    private const int ChecksumAt = 16;

    // The salts are not summed: they must be those of the log.
    private const int SummedHeaderLength = SaltsAt;

    // The smallest piece that a disk writes whole or not at all.
    private const int SectorBytes = 512;

    private readonly byte[] _bytes = new byte[HeaderLength + pageBytes];

    /// <summary>Where it begins in the log.</summary>
    public long Offset { get; private set; }

    /// <summary>Which page it holds, from 1 on.</summary>
    public uint Page => BinaryPrimitives.ReadUInt32BigEndian(_bytes);

    /// <summary>How large the database is after the transaction that ends here; 0 when none does.</summary>
    public uint DatabasePages => BinaryPrimitives.ReadUInt32BigEndian(_bytes.AsSpan(DatabasePagesAt));

    public ulong Salts => BinaryPrimitives.ReadUInt64BigEndian(_bytes.AsSpan(SaltsAt));

    public WalChecksum Checksum => WalChecksum.Read(_bytes.AsSpan(ChecksumAt));

    public ReadOnlySpan<byte> Content => _bytes.AsSpan(HeaderLength);

    /// <summary>Whether the header is as somebody wrote it, or is not there at all: a sector is not written by
    /// half.</summary>
    public bool HasHeaderInOneSector => Offset / SectorBytes == (Offset + HeaderLength - 1) / SectorBytes;

    /// <summary>Takes the place of the frame that was read before. False when no whole one is left.</summary>
    public bool TryRead(Stream log)
    {
        Offset = log.Position;
        return log.ReadAtLeast(_bytes, _bytes.Length, throwOnEndOfStream: false) == _bytes.Length;
    }

    /// <summary>Whether it was written behind what has this checksum, and is as it was written.</summary>
    public bool Fits(WalChecksum before, bool isBigEndian) =>
        Page != 0
        && before.Over(_bytes.AsSpan(0, SummedHeaderLength), isBigEndian).Over(Content, isBigEndian) == Checksum;

    /// <summary>Whether it only repeats the end of a transaction, as SQLite does to fill a sector of some
    /// disks.</summary>
    /// <param name="before">The frame before it.</param>
    /// <param name="isWhole">Whether that one is as it was written.</param>
    public bool Repeats(WalFrame before, bool isWhole) =>
        DatabasePages != 0
        && DatabasePages == before.DatabasePages
        && Page == before.Page
        && (!isWhole || Content.SequenceEqual(before.Content));
}
