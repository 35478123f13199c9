using Elasticity.Simulator.Checks;

namespace Elasticity.Simulator;

/// <summary>Leaves out fault after fault and makes the world smaller, while a seed still fails the same way: until no
/// kind of fault can be left out, and no size be made smaller by a step, any more.</summary>
internal sealed record Shrinking(ulong Seed, IReadOnlyCollection<Fault> Without, Most? Most, Choice Choice)
{
    /// <summary>So many tries are enough: each takes milliseconds.</summary>
    private const int TriesMax = 1_000;

    /// <summary>Whether every smaller world was tried, and none failed the same way.</summary>
    public bool IsLeast { get; private init; }

    /// <summary>How to see it again.</summary>
    public string Command => $"dotnet run --project sim/Simulator -c Release -- --seed {Seed}"
        + CommandLine.OptionsOf(Choice, Without, Most);

    public static Shrinking Of(Verdict failed, IReadOnlyCollection<Fault> without, Choice choice)
    {
        string kind = Kind(failed.Failure!);
        Shrinking least = new(failed.Plan.Seed, without, Most.Of(failed.Plan), choice);
        int tries = 0;
        while (tries < TriesMax)
        {
            Shrinking before = least;
            foreach (Fault fault in least.Faults())
            {
                Shrinking less = least with { Without = [.. least.Without, fault] };
                least = tries++ < TriesMax && less.FailsAs(kind) ? less : least;
            }

            while (least.Sizes().FirstOrDefault(s => tries++ < TriesMax && s.FailsAs(kind)) is { } less)
            {
                least = less;
            }

            if (least == before)
            {
                return least with { IsLeast = tries <= TriesMax };
            }
        }

        return least;
    }

    /// <summary>Every world that is smaller by one step.</summary>
    public IEnumerable<Shrinking> Smaller() =>
        Faults().Select(f => this with { Without = [.. Without, f] }).Concat(Sizes());

    /// <summary>Whether it fails in a way.</summary>
    public bool FailsAs(string kind) =>
        Campaign.Run(Seed, Without, isTraced: false, Most, Choice).Failure is { } again && Kind(again) == kind;

    /// <summary>The promise that was broken, or the type of the exception.</summary>
    public static string Kind(Exception e) => e is Violation v ? v.Rule : e.GetType().Name;

    private Fault[] Faults()
    {
        Plan plan = Plan.Draw(Seed, Without, Most, Choice);
        return [.. Enum.GetValues<Fault>().Where(f => plan.RateOf(f) > 0)];
    }

    private IEnumerable<Shrinking> Sizes() =>
        (Most ?? Most.Of(Plan.Draw(Seed, Without, null, Choice))).Smaller().Select(m => this with { Most = m });
}
