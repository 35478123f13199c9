using Elasticity.Simulator;
using Elasticity.Simulator.Checks;
using Xunit;

namespace Elasticity.Simulation.Tests;

/// <summary>What somebody who types reads.</summary>
public class CommandLineTests
{
    [Theory]
    [InlineData("--seeds takes a number from 1 to 2147483647, not 'x'", "--seeds", "x")]
    [InlineData("--seeds takes a number from 1 to 2147483647, not '0'", "--seeds", "0")]
    [InlineData("--seed takes a number from 0 to 18446744073709551615, not '-1'", "--seed", "-1")]
    [InlineData("--seconds takes a number from 0.001 to 1000000000, not '1e300'", "--seconds", "1e300")]
    [InlineData("--trace takes a number from 0 to 2147483647, not '4294967295'", "--trace", "4294967295")]
    [InlineData("'0' is none of Embedded, Cluster", "--engine", "0")]
    [InlineData("--most is JOBS,TASKS,AGENTS,SECONDS", "--most", "1,1,1,Infinity")]
    [InlineData("--seed needs a value", "--seed")]
    [InlineData("--seed is one seed", "--seed", "1", "--seeds", "2")]
    [InlineData("--most is JOBS,TASKS,AGENTS,SECONDS, each more than 0, not '1,0,1,1'", "--most", "1,0,1,1")]
    [InlineData("There is no option --sed", "--sed", "1")]
    [InlineData("'quartz' is none of Embedded, Cluster", "--engine", "quartz")]
    public void What_is_not_understood_is_named(string said, params string[] args)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => CommandLine.Parse(args));

        Assert.StartsWith(said, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_passes_says_how_to_repeat_it()
    {
        using StringWriter output = new();

        Campaign.Go(CommandLine.Parse(["--seeds", "2", "--first", "7", "--engine", "embedded"]), output);

        Assert.EndsWith("--first 7 --seeds 2 --engine embedded\n", output.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Where nobody asks for more lines than are printed by default.</summary>
    [Fact]
    public void A_trace_shows_the_stored_events_of_the_task_that_is_to_blame()
    {
        string[] trace =
        [
            "    1.0000  engine-0 serves",
            "    2.0000    engine-0 wrote job/job-1 3 job-sealed-1 {}",
            "    2.5000    engine-0 wrote job/job-10 3 job-sealed-1 {}",
            "    2.6000  engine-0 <- Cancel job-1",
            "    2.7000  engine-0 -> Open job-1: opening version 1",
            "    2.8000  engine-0 <- Cancel job-10",
            "    3.0000    engine-0 wrote task/job-1/00000003 1 task-leased-1 {}",
            "    3.5000    engine-0 wrote task/job-1/00000030 1 task-leased-1 {}",
            .. Enumerable.Repeat("    4.0000  engine-0 <- Beat agent-1 []", 20),
            "    5.0000  engine-0 <- Settle agent-1 [job-1/3#1 Succeeded]",
            "    5.0000    engine-0 wrote task/job-2/00000007 1 task-leased-1 {}",
        ];
        using StringWriter output = new();

        TraceFilter.Print(trace, new Violation("one-outcome", "job-1/3", "twice"), linesMax: 60, output);

        string[] lines = output.ToString().TrimEnd('\n').Split('\n');
        Assert.Contains("17 of 30 lines", lines[0], StringComparison.Ordinal);
        Assert.Equal([trace[0], trace[1], trace[3], trace[4], trace[6]], lines[1..6]);
        Assert.Equal(trace[^12..], lines[6..]);
    }
}
