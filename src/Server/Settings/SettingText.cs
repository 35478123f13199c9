using System.Globalization;

namespace Elasticity.Server.Settings;

/// <summary>Times and sizes as people write them.</summary>
public static class SettingText
{
    private static readonly (string Unit, double Seconds)[] Times =
        [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];

    private static readonly (string Unit, long Bytes)[] Sizes =
        [("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("B", 1)];

    /// <summary>Reads a time: <c>500ms</c>, <c>90s</c>, <c>1.5m</c>, <c>2h</c>, <c>1d</c>; without a unit it is in
    /// seconds.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The time, or null when it is none.</returns>
    public static TimeSpan? Time(string text)
    {
        (string unit, double seconds) = Times.FirstOrDefault(u => text.EndsWith(u.Unit, StringComparison.Ordinal));
        string number = unit is null ? text : text[..^unit.Length];
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            && value * (unit is null ? 1 : seconds) is var total && total <= TimeSpan.MaxValue.TotalSeconds / 2
            ? TimeSpan.FromSeconds(total)
            : null;
    }

    /// <summary>Reads a size: <c>262144</c>, <c>256KiB</c>, <c>64MiB</c>, <c>1GiB</c>.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The bytes, or null when it is none.</returns>
    public static long? Bytes(string text)
    {
        (string unit, long size) = Sizes.FirstOrDefault(u => text.EndsWith(u.Unit, StringComparison.OrdinalIgnoreCase));
        string number = unit is null ? text : text[..^unit.Length];
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            && value <= long.MaxValue / Math.Max(size, 1)
            ? value * Math.Max(size, 1)
            : null;
    }

    /// <summary>Writes a time as <see cref="Time"/> reads it, in the largest unit that is whole.</summary>
    /// <param name="time">The time.</param>
    /// <returns>Such as <c>90s</c>.</returns>
    public static string ShowTime(TimeSpan time)
    {
        (string unit, double seconds) = Times.Last(u => u.Unit == "ms" || IsWhole(time.TotalSeconds / u.Seconds));
        return (time.TotalSeconds / seconds).ToString("0.###", CultureInfo.InvariantCulture) + unit;
    }

    internal static string ShowBytes(long bytes)
    {
        (string unit, long size) = Sizes.First(u => u.Bytes == 1 || (bytes > 0 && bytes % u.Bytes == 0));
        return (bytes / size).ToString(CultureInfo.InvariantCulture) + (size == 1 ? string.Empty : unit);
    }

    private static bool IsWhole(double value) => value >= 1 && value == Math.Floor(value);
}
