using System.Buffers.Binary;
using System.Numerics;

namespace Elasticity.EventStore.Sqlite;

/// <summary>What SQLite's write-ahead log begins with. Where it is not sound, SQLite takes the whole log for
/// empty.</summary>
/// <param name="IsSound">Whether everything in it fits its checksum, and SQLite would read on.</param>
/// <param name="IsBigEndian">The order of bytes in the checksums.</param>
/// <param name="PageBytes">How large the pages are.</param>
/// <param name="Salts">Chosen anew each time that the log begins anew: frames of its earlier lives have others.</param>
/// <param name="Checksum">What the checksum of the first frame goes on from.</param>
internal readonly record struct WalHeader(
    bool IsSound, bool IsBigEndian, int PageBytes, ulong Salts, WalChecksum Checksum)
{
    public const int Length = 32;

    // The lowest bit of the magic number tells the order of bytes.
    private const uint Magic = 0x377f0682;
    private const uint BigEndianBit = 1;

    private const int PageBytesAt = 8;
    private const int SaltsAt = 16;
    private const int ChecksumAt = 24;

    private const int PageBytesMin = 512;
    private const int PageBytesMax = 65_536;

    // Where the database file itself says how large its pages are; the largest does not fit its two bytes, and is 1.
    private const int PageBytesInDatabaseAt = 16;
    private const int PageBytesMaxInDatabase = 1;

    public static WalHeader Read(ReadOnlySpan<byte> bytes)
    {
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        uint pageBytes = BinaryPrimitives.ReadUInt32BigEndian(bytes[PageBytesAt..]);
        bool isBigEndian = (magic & BigEndianBit) != 0;
        WalChecksum checksum = WalChecksum.Read(bytes[ChecksumAt..]);
        bool isSound = (magic & ~BigEndianBit) == Magic
            && IsPageSize(pageBytes)
            && default(WalChecksum).Over(bytes[..ChecksumAt], isBigEndian) == checksum;
        return new WalHeader(
            isSound, isBigEndian, (int)pageBytes, BinaryPrimitives.ReadUInt64BigEndian(bytes[SaltsAt..]), checksum);
    }

    /// <summary>The size of the pages, from the beginning of the database file; null when that is no
    /// database.</summary>
    public static int? PageBytesOf(Stream database)
    {
        Span<byte> bytes = stackalloc byte[PageBytesInDatabaseAt + sizeof(ushort)];
        database.Position = 0;
        if (database.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            return null;
        }

        uint stored = BinaryPrimitives.ReadUInt16BigEndian(bytes[PageBytesInDatabaseAt..]);
        uint pageBytes = stored == PageBytesMaxInDatabase ? PageBytesMax : stored;
        return IsPageSize(pageBytes) ? (int)pageBytes : null;
    }

    private static bool IsPageSize(uint bytes) =>
        bytes is >= PageBytesMin and <= PageBytesMax && BitOperations.IsPow2(bytes);
}
