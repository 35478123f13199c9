using Elasticity.Simulator.Checks;

namespace Elasticity.Simulator;

/// <summary>Leaves out fault after fault and makes the world smaller, while a seed still fails the same way.</summary>
internal sealed record Shrinking(ulong Seed, IReadOnlyCollection<Fault> Without, Most? Most)
{
    /// <summary>So many tries are enough: each takes milliseconds.</summary>
    private const int TriesMax = 300;

    /// <summary>How to see it again.</summary>
    public string Command => $"dotnet run --project sim/Simulator -c Release -- --seed {Seed}"
        + (Without.Count == 0 ? string.Empty : $" --without {string.Join(',', Without)}")
        + (Most is null ? string.Empty : $" --most {Most}");

    public static Shrinking Of(Verdict failed, IReadOnlyCollection<Fault> without)
    {
        string kind = Kind(failed.Failure!);
        HashSet<Fault> left = [.. without];
        foreach (Fault fault in Enum.GetValues<Fault>().Where(f => failed.Plan.RateOf(f) > 0))
        {
            if (Fails([.. left, fault], null))
            {
                left.Add(fault);
            }
        }

        Most most = Most.Of(failed.Plan);
        int tries = 0;
        while (tries < TriesMax && most.Smaller().FirstOrDefault(m => tries++ < TriesMax && Fails(left, m)) is { } less)
        {
            most = less;
        }

        return new Shrinking(failed.Plan.Seed, left, most);

        bool Fails(IReadOnlyCollection<Fault> faults, Most? size) =>
            Campaign.Run(failed.Plan.Seed, faults, isTraced: false, size).Failure is { } again && Kind(again) == kind;
    }

    private static string Kind(Exception e) => e is Violation v ? v.Rule : e.GetType().Name;
}
