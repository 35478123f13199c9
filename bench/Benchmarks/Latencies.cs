using System.Diagnostics;

namespace Elasticity.Benchmarks;

/// <summary>Measured times, and the place of a share of them.</summary>
internal sealed class Latencies
{
    private readonly long[] _ticks;

    /// <summary>Takes differences of <see cref="Stopwatch.GetTimestamp"/>, in any order.</summary>
    public Latencies(IEnumerable<long> ticks)
    {
        _ticks = [.. ticks];
        Array.Sort(_ticks);
    }

    /// <summary>How many there are.</summary>
    public int Count => _ticks.Length;

    /// <summary>The time within which a share of them was, in milliseconds; null when there are none.</summary>
    /// <param name="share">0.99 for the 99th percentile; above 0, at most 1.</param>
    public double? MillisecondsAt(double share)
    {
        if (_ticks.Length == 0)
        {
            return null;
        }

        long ticks = _ticks[(int)Math.Ceiling(share * _ticks.Length) - 1];
        return Math.Round(ticks * 1000.0 / Stopwatch.Frequency, 2);
    }
}
