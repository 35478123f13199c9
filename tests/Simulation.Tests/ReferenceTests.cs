using Elasticity.Simulator.Reference;
using Xunit;

namespace Elasticity.Simulation.Tests;

/// <summary>The engine decides as a scheduler does that is too plain to be wrong.</summary>
public class ReferenceTests
{
    [Theory]
    [InlineData(1, 100)]
    [InlineData(101, 200)]
    [InlineData(201, 300)]
    public void After_each_command_the_engine_is_where_the_naive_scheduler_is(int first, int last)
    {
        for (int seed = first; seed <= last; seed++)
        {
            new Comparison((ulong)seed).Run(commands: 150);
        }
    }
}
