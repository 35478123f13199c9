using System.Globalization;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace Elasticity.Domain.Tests.World;

/// <summary>
/// The law of the outbox: whatever message is lost, <c>Outstanding</c> of an open stream sends one that repairs it; and
/// whatever is sent twice, or late, or out of order, changes nothing.
/// </summary>
public class OutstandingTests(ITestOutputHelper output)
{
    private const int Steps = 400;

    [Fact]
    public void Whatever_is_lost_is_repaired_and_whatever_is_repeated_changes_nothing() =>
        ForEachSeed(Faults.Draw, isSwept: true);

    [Fact]
    public void Without_losses_the_messages_alone_are_enough() =>
        ForEachSeed(_ => Faults.OfAgentsOnly, isSwept: false);

    private void ForEachSeed(Func<Random, Faults> faults, bool isSwept)
    {
        int? only = Number("ELASTICITY_SEED");
        int first = only ?? 1;
        int last = only ?? Number("ELASTICITY_SEEDS") ?? 300;
        int most = 0;
        Dictionary<Type, int> seen = [];
        for (int seed = first; seed <= last; seed++)
        {
            Life life = new(seed, faults, isSwept);
            life.Live(Steps);
            most = Math.Max(most, life.Rounds);
            if (life.Failure is not null)
            {
                Fail(life);
            }

            foreach ((Type type, int times) in life.World!.Seen)
            {
                seen[type] = seen.GetValueOrDefault(type) + times;
            }
        }

        output.WriteLine($"Seeds {first} to {last}: all jobs ended after at most {most} quiet rounds. Events:");
        output.WriteLine(string.Join("\n", seen.Select(s => $"{s.Value,8} {s.Key.Name}").Order()));
        Assert.True(last - first < 100 || !Unseen(seen).Any(), string.Join(", ", Unseen(seen)));
    }

    // A world in which something never happens proves nothing about it.
    private static IEnumerable<string> Unseen(Dictionary<Type, int> seen) =>
        from root in (Type[])[typeof(JobEvent), typeof(TaskEvent), typeof(AgentEvent)]
        from type in root.GetNestedTypes()
        where type.BaseType == root && type != typeof(JobEvent.Trimmed) && !seen.ContainsKey(type)
        select type.Name;

    // The same seed with fewer steps goes the same way at first: the shortest way to fail is the easiest to read.
    private static void Fail(Life life)
    {
        int steps = Enumerable.Range(0, Steps).FirstOrDefault(s => life.Live(s).Failure is not null, Steps);
        life.Live(steps, isTraced: true);
        Assert.Fail(
            $"Seed {life.Seed} fails, also with {steps} of {Steps} steps. Reproduce it:\n"
            + $"    ELASTICITY_SEED={life.Seed} dotnet test tests/Domain.Tests -c Release --filter OutstandingTests\n"
            + $"{life.Faults}\n{life.Failure}\n{string.Join("\n", life.World!.Trace!.TakeLast(150))}");
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : null;
}
