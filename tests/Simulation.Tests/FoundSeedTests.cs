using Elasticity.Simulator;
using Xunit;

namespace Elasticity.Simulation.Tests;

/// <summary>Every seed that ever failed, named after the bug that it found.</summary>
public class FoundSeedTests
{
    [Fact]
    public void Delayed_tasks_of_a_cancelled_job_leave_their_queue() => Passes(1110);

    [Fact]
    public void A_repeated_request_whose_leases_end_while_their_chunk_is_read_is_answered() => Passes(1894);

    private static void Passes(ulong seed) =>
        Assert.Null(Campaign.Run(seed, [], isTraced: false).Failure);
}
