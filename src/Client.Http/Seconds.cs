namespace Elasticity.Client.Http;

/// <summary>Times as seconds and back, exactly. <see cref="TimeSpan.FromSeconds(double)"/> cuts what is below a tick
/// off, so that one number in seventeen would come back a tick shorter.</summary>
internal static class Seconds
{
    public static double? Of(TimeSpan? time) => time is { } given ? Of(given) : null;

    /// <summary>The number from which the other side makes this very time.</summary>
    public static double Of(TimeSpan time)
    {
        double seconds = time.TotalSeconds;
        for (int i = 0; i < 4 && TimeSpan.FromSeconds(seconds) < time; i++)
        {
            seconds = Math.BitIncrement(seconds);
        }

        return seconds;
    }

    /// <summary>The time from which the other side made this number.</summary>
    public static TimeSpan? ToTime(double? seconds) => seconds is { } given ? ToTime(given) : null;

    /// <summary>The time from which the other side made this number.</summary>
    public static TimeSpan ToTime(double seconds) => new((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
}
