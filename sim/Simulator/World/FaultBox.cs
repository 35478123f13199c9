namespace Elasticity.Simulator.World;

/// <summary>Decides which faults happen, and counts those that met something: a kill of an engine that is down, or a
/// trim of a job that has not ended, does not count. Closed, none happens.</summary>
internal sealed class FaultBox(Plan plan)
{
    public long[] Counts { get; } = new long[Enum.GetValues<Fault>().Length];

    /// <summary>Whether faults happen at all.</summary>
    public bool IsOpen { get; set; } = true;

    /// <summary>The most events of a stream that the store gives at once.</summary>
    public int PageMax => plan.PageMax;

    public Chance ChanceOf(string part) => Chance.Of(plan.Seed, part);

    /// <summary>Whether a fault happens now.</summary>
    public bool Is(Fault fault, Chance chance)
    {
        bool happens = IsTried(fault, chance);
        if (happens)
        {
            Count(fault);
        }

        return happens;
    }

    /// <summary>Whether a fault is tried now. Whoever asks knows whether it meets anything, and counts it
    /// then.</summary>
    public bool IsTried(Fault fault, Chance chance)
    {
        double rate = plan.RateOf(fault);
        return IsOpen && rate > 0 && chance.Is(rate);
    }

    /// <summary>Whether a task does a thing to its agents: always, as long as faults happen.</summary>
    public bool IsAlways(Fault fault, string task)
    {
        // The worlds that had found something by the time there was a second such fault go as they went.
        string name = fault == Fault.TaskPoisonous ? "poison" : fault.ToString();
        bool does = IsOpen && ChanceOf($"{name}/{task}").Is(plan.RateOf(fault));
        Counts[(int)fault] += does ? 1 : 0;
        return does;
    }

    /// <summary>By which share the clocks of a machine run too fast or too slow.</summary>
    public double Drift(Chance chance)
    {
        double max = plan.RateOf(Fault.ClockDrifts);
        if (max <= 0)
        {
            return 0;
        }

        Count(Fault.ClockDrifts);
        return (chance.Unit() - 0.5) * 2 * max;
    }

    public void Count(Fault fault) => Counts[(int)fault]++;

    /// <summary>Makes a fault happen again and again, at random times, while the box is open.</summary>
    /// <param name="agenda">The time.</param>
    /// <param name="fault">Which.</param>
    /// <param name="chance">When.</param>
    /// <param name="happens">Does it; says whether it met anything.</param>
    public void Repeat(Agenda agenda, Fault fault, Chance chance, Func<bool> happens)
    {
        double perMinute = plan.RateOf(fault);
        if (perMinute > 0)
        {
            Next();
        }

        void Next() => agenda.After(chance.UntilNext(perMinute), () =>
        {
            if (IsOpen)
            {
                Counts[(int)fault] += happens() ? 1 : 0;
                Next();
            }
        });
    }
}
