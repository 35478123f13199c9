using Elasticity.Simulator;
using Xunit;

namespace Elasticity.Simulation.Tests;

/// <summary>A seed that fails is made as small as it goes. The faults are put in on purpose.</summary>
public class ShrinkingTests
{
    private const ulong SeedsMax = 5_000;

    [Theory]
    [InlineData("AnswersEarly")]
    [InlineData("ForgetsUnknownOutcome")]
    public void The_least_that_fails_still_fails_and_nothing_smaller_does(string flaw)
    {
        Choice choice = new(EngineKind.Embedded, IsLong: false, Enum.Parse<Flaw>(flaw));
        Verdict failed = FirstFailure(choice);
        string kind = Shrinking.Kind(failed.Failure!);

        Shrinking least = Shrinking.Of(failed, [], choice);

        Assert.True(least.IsLeast);
        Assert.True(least.FailsAs(kind));
        Assert.All(least.Smaller(), smaller => Assert.False(smaller.FailsAs(kind), smaller.Command));
    }

    [Fact]
    public void A_failing_seed_prints_itself_its_options_and_a_trace()
    {
        Choice choice = new(EngineKind.Embedded, IsLong: false, Flaw.AnswersEarly);
        Verdict failed = FirstFailure(choice);
        Shrinking least = Shrinking.Of(failed, [], choice);
        using StringWriter output = new();

        int exitCode = Campaign.Go(
            new CommandLine { First = failed.Plan.Seed, Seeds = 1, Choice = choice, TraceLines = 0 }, output);

        string text = output.ToString();
        Assert.Equal(1, exitCode);
        Assert.Contains($"SEED {failed.Plan.Seed} FAILED: {failed.Failure!.Message}", text, StringComparison.Ordinal);
        Assert.Contains(failed.Plan.ToString(), text, StringComparison.Ordinal);
        Assert.Contains($"  {least.Command}", text, StringComparison.Ordinal);
        Assert.Contains(" <- Open job-", text, StringComparison.Ordinal);
    }

    private static Verdict FirstFailure(Choice choice)
    {
        for (ulong seed = 1; seed <= SeedsMax; seed++)
        {
            Verdict verdict = Campaign.Run(seed, [], isTraced: false, choice: choice);
            if (verdict.Failure is not null)
            {
                return verdict;
            }
        }

        throw new InvalidOperationException($"{choice.Flaw} was not found within {SeedsMax} seeds.");
    }
}
