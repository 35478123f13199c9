using System.Globalization;

namespace Elasticity.EventStore.Tests;

/// <summary>Ways in which the end of a file is lost.</summary>
internal static class TornLog
{
    private static readonly int[] SectorLengths = [512, 4096];

    /// <summary>Damages a copy.</summary>
    /// <param name="log">The log.</param>
    /// <param name="ends">Where commits end: damage just there and beside it is drawn more often.</param>
    /// <param name="random">What and where.</param>
    /// <returns>The copy, and what was done to it.</returns>
    public static (byte[] Torn, string How) Tear(byte[] log, IReadOnlyList<long> ends, Random random)
    {
        int place = random.Next(3) == 0
            ? (int)Math.Min(ends[random.Next(ends.Count)] + random.Next(-1, 2), log.Length)
            : random.Next(log.Length + 1);
        int sectorLength = SectorLengths[random.Next(SectorLengths.Length)];
        int sector = Math.Min(place, log.Length - 1) / sectorLength * sectorLength;
        switch (random.Next(5))
        {
            case 0:
            case 1:
                return (log[..place], Text($"cut off at {place}"));
            case 2:
                return (With(sector, sectorLength, s => s.Clear()), Text($"{sectorLength} zeros at {sector}"));
            case 3:
                return (With(sector, sectorLength, random.NextBytes), Text($"{sectorLength} any bytes at {sector}"));
            default:
                // The length was stored, and the data not.
                return (With(sector, log.Length, s => s.Clear()), Text($"zeros from {sector} on"));
        }

        byte[] With(int from, int length, Sector change)
        {
            byte[] torn = [.. log];
            change(torn.AsSpan(from, Math.Min(length, torn.Length - from)));
            return torn;
        }
    }

    /// <summary>A power failure in the middle of an append: each sector of it was written or not, in any order, or is
    /// garbage.</summary>
    /// <param name="before">The log before the append.</param>
    /// <param name="after">The log after it.</param>
    /// <param name="from">Where the append begins; what is before it is on disk.</param>
    /// <param name="random">Which sectors.</param>
    public static byte[] TearAppend(byte[] before, byte[] after, int from, Random random)
    {
        int sectorLength = SectorLengths[random.Next(SectorLengths.Length)];
        byte[] torn = [.. after];
        int ofTen = random.Next(1, 10);
        for (int at = from; at < torn.Length; at += sectorLength - (at % sectorLength))
        {
            Span<byte> sector = torn.AsSpan(at, Math.Min(sectorLength - (at % sectorLength), torn.Length - at));
            switch (random.Next(20))
            {
                case < 2:
                    random.NextBytes(sector);
                    break;
                case int n when n < 2 * ofTen:
                    sector.Clear();
                    before.AsSpan(Math.Min(at, before.Length)..Math.Min(at + sector.Length, before.Length))
                        .CopyTo(sector);
                    break;
            }
        }

        // The length may have been stored or not, or by half.
        return random.Next(3) == 0 && after.Length > before.Length
            ? torn[..random.Next(Math.Max(from, before.Length), after.Length + 1)]
            : torn;
    }

    /// <summary>The first byte that is not as it was; where the shorter ends when there is none.</summary>
    public static long FirstDifference(byte[] log, byte[] torn) => log.AsSpan().CommonPrefixLength(torn);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private delegate void Sector(Span<byte> bytes);
}
