using System.Globalization;
using System.Text;

namespace Elasticity.Cli.Run;

/// <summary>How far a job is.</summary>
/// <param name="Total">All tasks.</param>
/// <param name="Done">Ended tasks, however they ended.</param>
/// <param name="Failed">Those that were given up; not those that were cancelled or skipped.</param>
/// <param name="Running">Commands that run now; null when nobody knows.</param>
/// <param name="PerSecond">Tasks ended a second, lately; null when nobody knows yet.</param>
internal readonly record struct Progress(int Total, int Done, int Failed, int? Running, double? PerSecond)
{
    /// <summary>Tasks that must not be begun yet: they back off, or their time has not come. Worth saying when nothing
    /// runs.</summary>
    public int Delayed { get; init; }

    /// <summary>How long the rest takes at this rate; null when nobody knows.</summary>
    public TimeSpan? Remaining => PerSecond is > 0.001 and { } rate
        ? TimeSpan.FromSeconds(Math.Min((Total - Done) / rate, 8_640_000))
        : null;
}

/// <summary>Progress as text.</summary>
internal static class ProgressBar
{
    private const int BarLengthMax = 30;
    private const string Green = "\e[32m";
    private const string Red = "\e[31m";
    private const string Plain = "\e[0m";

    /// <summary>One line for a terminal, not longer than it is wide.</summary>
    public static string ForTerminal(Progress p, int width, bool hasColor)
    {
        string counts = Counts(p);
        int room = Math.Min(BarLengthMax, width - counts.Length - 4);
        StringBuilder line = new();
        if (room >= 5)
        {
            int full = p.Total == 0 ? room : (int)((long)room * p.Done / p.Total);
            string color = p.Failed > 0 ? Red : Green;
            line.Append('[').Append(hasColor ? color : "").Append('#', full).Append(hasColor ? Plain : "");
            line.Append('.', room - full).Append("] ");
        }

        return line.Append(counts.Length < width ? counts : counts[..Math.Max(0, width - 1)]).ToString();
    }

    /// <summary>One line for a file.</summary>
    public static string Counts(Progress p)
    {
        CultureInfo c = CultureInfo.InvariantCulture;
        StringBuilder text = new();
        text.Append(c, $"{p.Done}/{p.Total}  {(p.Total == 0 ? 100 : 100L * p.Done / p.Total)}%");
        if (p.PerSecond is { } rate)
        {
            text.Append(c, $"  {(rate < 10 ? Math.Round(rate, 1) : Math.Round(rate))}/s");
        }

        if (p.Done < p.Total && p.Remaining is { } remaining)
        {
            text.Append(c, $"  {Of(remaining)} left");
        }

        if (p.Running is { } running)
        {
            text.Append(c, $"  {running} running");
        }

        if (p is { Running: 0, Delayed: > 0 })
        {
            text.Append(c, $"  {p.Delayed} not yet due");
        }

        return (p.Failed > 0 ? text.Append(c, $"  {p.Failed} failed") : text).ToString();
    }

    /// <summary>A duration as people say it.</summary>
    public static string Of(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds)} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds:00} s"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Hours} h {time.Minutes:00} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays} d {time.Hours:00} h"),
    };
}
