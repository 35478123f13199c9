using System.Diagnostics;
using Elasticity.Simulator.Reference;
using Xunit;
using Xunit.Abstractions;

namespace Elasticity.Simulation.Tests;

/// <summary>The engine decides as a scheduler does that is too plain to be wrong.</summary>
public class ReferenceTests(ITestOutputHelper log)
{
    private const int Commands = 150;

    /// <summary>The fixed seeds take about as long.</summary>
    private static readonly TimeSpan FreshTime = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(1, 100)]
    [InlineData(101, 200)]
    [InlineData(201, 300)]
    public void After_each_command_the_engine_is_where_the_naive_scheduler_is(long first, long last)
    {
        for (long seed = first; seed <= last; seed++)
        {
            new Comparison((ulong)seed).Run(Commands);
        }
    }

    /// <summary>Seeds that nobody tried, by the clock. One that fails is named: as a case of the test above it fails
    /// again.</summary>
    [Fact]
    public void Fresh_seeds_lead_both_to_the_same_place_too()
    {
        ulong first = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        ulong seed = first;
        long started = Stopwatch.GetTimestamp();
        do
        {
            try
            {
                new Comparison(seed).Run(Commands);
            }
            catch (Exception e)
            {
                string again = $"With seed {seed}, again as InlineData({seed}, {seed})";
                throw new InvalidOperationException($"{again}: {e.Message}", e);
            }

            seed++;
        }
        while (Stopwatch.GetElapsedTime(started) < FreshTime);
        log.WriteLine($"seeds {first} to {seed - 1}: {seed - first}");
    }
}
