namespace Elasticity.Simulator.World;

/// <summary>Decides which faults happen, and counts them. Closed, none does.</summary>
internal sealed class FaultBox(Plan plan)
{
    public long[] Counts { get; } = new long[Enum.GetValues<Fault>().Length];

    /// <summary>Whether faults happen at all.</summary>
    public bool IsOpen { get; set; } = true;

    public Chance ChanceOf(string part) => Chance.Of(plan.Seed, part);

    /// <summary>Whether a fault happens now.</summary>
    public bool Is(Fault fault, Chance chance)
    {
        double rate = plan.RateOf(fault);
        if (!IsOpen || rate <= 0 || !chance.Is(rate))
        {
            return false;
        }

        Count(fault);
        return true;
    }

    /// <summary>Whether a task silences its agents: always, as long as faults happen.</summary>
    public bool IsPoisonous(string task)
    {
        bool isPoisonous = IsOpen && ChanceOf($"poison/{task}").Is(plan.RateOf(Fault.TaskPoisonous));
        Counts[(int)Fault.TaskPoisonous] += isPoisonous ? 1 : 0;
        return isPoisonous;
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
    public void Repeat(Agenda agenda, Fault fault, Chance chance, Action happens)
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
                Count(fault);
                happens();
                Next();
            }
        });
    }
}
