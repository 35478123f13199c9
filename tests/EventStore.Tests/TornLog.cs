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

    /// <summary>The first byte that is not as it was; where the shorter ends when there is none.</summary>
    public static long FirstDifference(byte[] log, byte[] torn) => log.AsSpan().CommonPrefixLength(torn);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private delegate void Sector(Span<byte> bytes);
}
