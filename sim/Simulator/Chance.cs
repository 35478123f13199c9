namespace Elasticity.Simulator;

/// <summary>
/// Random numbers from a seed, the same on every machine and runtime for ever: SplitMix64 (Steele, Lea, Flood, "Fast
/// splittable pseudorandom number generators", OOPSLA 2014).
/// </summary>
internal sealed class Chance(ulong seed)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>A quarter of a year: nothing that is drawn lies further ahead.</summary>
    private const double MinutesMax = 90 * 24 * 60;

    private ulong _state = seed;

    /// <summary>A generator of its own, so that one part of the world drawing more does not change another.</summary>
    public static Chance Of(ulong seed, string part)
    {
        ulong hash = 14_695_981_039_346_656_037; // FNV-1a, 64 bit
        foreach (char c in part)
        {
            hash = (hash ^ c) * 1_099_511_628_211;
        }

        return new Chance(Mix(seed ^ hash));
    }

    public ulong Next() => Mix(_state += Golden);

    /// <summary>At least 0 and below 1.</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Both ends included.</summary>
    public int Int(int min, int max) => min + (int)(Next() % (ulong)(max - (long)min + 1));

    public bool Is(double probability) => probability > 0 && Unit() < probability;

    /// <summary>Evenly between two durations.</summary>
    public TimeSpan Span(TimeSpan min, TimeSpan max) => min + ((max - min) * Unit());

    /// <summary>Evenly between two numbers of seconds.</summary>
    public TimeSpan Seconds(double min, double max) => TimeSpan.FromSeconds(min + ((max - min) * Unit()));

    /// <summary>Evenly over the magnitudes between two numbers: as often small as large.</summary>
    public double Magnitude(double min, double max) => min * Math.Pow(max / min, Unit());

    /// <summary>A time until the next of events that come at random, so many a minute on average.</summary>
    public TimeSpan UntilNext(double perMinute) =>
        TimeSpan.FromMinutes(Math.Min(MinutesMax, -Math.Log(1 - Unit()) / perMinute));

    public T Pick<T>(IReadOnlyList<T> items) => items[Int(0, items.Count - 1)];

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
