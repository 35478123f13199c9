using Elasticity.Simulator.Checks;

namespace Elasticity.Simulator;

/// <summary>Leaves out fault after fault while a seed still fails the same way.</summary>
internal sealed record Shrinking(ulong Seed, IReadOnlyCollection<Fault> Without)
{
    /// <summary>How to see it again.</summary>
    public string Command => $"dotnet run --project sim/Simulator -c Release -- --seed {Seed}"
        + (Without.Count == 0 ? string.Empty : $" --without {string.Join(',', Without)}");

    public static Shrinking Of(Verdict failed, IReadOnlyCollection<Fault> without)
    {
        HashSet<Fault> left = [.. without];
        foreach (Fault fault in Enum.GetValues<Fault>().Where(f => failed.Plan.RateOf(f) > 0))
        {
            Verdict again = Campaign.Run(failed.Plan.Seed, [.. left, fault], isTraced: false);
            if (again.Failure is { } failure && Kind(failure) == Kind(failed.Failure!))
            {
                left.Add(fault);
            }
        }

        return new Shrinking(failed.Plan.Seed, left);
    }

    private static string Kind(Exception e) => e is Violation v ? v.Rule : e.GetType().Name;
}
