using System.Diagnostics.Metrics;

namespace Elasticity.Grains;

/// <summary>What is counted in each silo.</summary>
internal static class GrainMetrics
{
    private static readonly Meter Meter = new("Elasticity.Grains");

    /// <summary>Messages to a grain that could not be reached; a sweep delivers them again.</summary>
    public static Counter<long> Undelivered { get; } = Meter.CreateCounter<long>("elasticity.grains.undelivered");
}
