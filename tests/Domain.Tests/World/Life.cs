namespace Elasticity.Domain.Tests.World;

/// <summary>A world from its seed to its end, as often as asked.</summary>
internal sealed class Life(int seed, Func<Random, Faults> faults, bool isSwept)
{
    public int Seed => seed;

    public Faults Faults { get; private set; } = Faults.None;

    /// <summary>What went wrong the last time; null when nothing did.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>How many quiet rounds it took until every job had ended.</summary>
    public int Rounds { get; private set; }

    public World? World { get; private set; }

    public Life Live(int steps, bool isTraced = false)
    {
        Random random = new(seed);
        Faults = faults(random);
        World = new World(random, Faults, isTraced);
        Failure = null;
        try
        {
            World.Rage(steps);
            Rounds = World.Calm(isSwept);
        }
#pragma warning disable CA1031 // Whatever it is, it belongs to the seed.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Failure = failure;
        }

        return this;
    }
}
