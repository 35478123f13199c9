using Elasticity.Simulator;
using Elasticity.Simulator.Checks;
using Xunit;

namespace Elasticity.Simulation.Tests;

/// <summary>Fresh seeds, and that a seed is a seed.</summary>
public class SeedTests
{
    /// <summary>Long enough to meet something now and then, short enough for every build.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(10);

    [Fact]
    public void Fresh_seeds_break_no_promise()
    {
        using StringWriter output = new();

        int exitCode = Campaign.Go(new CommandLine { Seeds = int.MaxValue, TimeMax = Budget }, output);

        Assert.True(exitCode == 0, output.ToString());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_seed_gives_the_same_world_again(ulong seed)
    {
        Watch first = Campaign.Run(seed, [], isTraced: false).Watch;
        Watch second = Campaign.Run(seed, [], isTraced: true).Watch;

        Assert.Equal(first.Fingerprint, second.Fingerprint);
        Assert.Equal(first.StepCount, second.StepCount);
    }

    [Fact]
    public void Other_seeds_give_other_worlds() => Assert.NotEqual(
        Campaign.Run(3, [], isTraced: false).Watch.Fingerprint,
        Campaign.Run(4, [], isTraced: false).Watch.Fingerprint);
}
