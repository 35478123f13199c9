using System.Text.Json.Serialization;

namespace Elasticity.Cli.Bench;

/// <summary>What was measured.</summary>
/// <param name="Site">Where: in-process or over HTTP.</param>
/// <param name="Store">Which store.</param>
/// <param name="Durability">What "accepted" and "recorded" meant: what was written and synchronised.</param>
/// <param name="Machine">Cores, memory, system, runtime.</param>
/// <param name="Jobs">Jobs in each of the first three phases.</param>
/// <param name="TasksPerJob">Tasks in each of them.</param>
/// <param name="PayloadBytes">Bytes of each payload.</param>
/// <param name="Agents">Agents.</param>
/// <param name="Slots">Tasks that each agent executes at once.</param>
/// <param name="Submit">Jobs submitted while nobody works.</param>
/// <param name="Drain">The same jobs executed while nobody submits.</param>
/// <param name="EndToEnd">Submitted and executed at the same time, from the first submit to the last end.</param>
/// <param name="SubmitToStart">Jobs of one task at a steady low rate; null when left out.</param>
/// <param name="Memory">What it took.</param>
internal sealed record BenchReport(
    string Site,
    string Store,
    string Durability,
    string Machine,
    int Jobs,
    int TasksPerJob,
    int PayloadBytes,
    int Agents,
    int Slots,
    BenchPhase Submit,
    BenchPhase Drain,
    BenchPhase EndToEnd,
    BenchLatency? SubmitToStart,
    BenchMemory Memory);

/// <summary>A phase.</summary>
/// <param name="Tasks">How many tasks went through.</param>
/// <param name="Seconds">In how long.</param>
/// <param name="TasksPerSecond">The quotient.</param>
/// <param name="Appends">Batches made durable; null of a server that was running before.</param>
/// <param name="Events">Events made durable; null of a server that was running before.</param>
internal sealed record BenchPhase(long Tasks, double Seconds, double TasksPerSecond, long? Appends, long? Events);

/// <summary>From the call of submit to the first line of the handler.</summary>
/// <param name="RatePerSecond">Jobs a second.</param>
/// <param name="Count">How many.</param>
/// <param name="P50Ms">Half were faster, in milliseconds.</param>
/// <param name="P99Ms">99 of 100 were.</param>
/// <param name="P999Ms">999 of 1,000 were.</param>
/// <param name="MaxMs">The slowest.</param>
internal sealed record BenchLatency(
    int RatePerSecond, int Count, double P50Ms, double P99Ms, double P999Ms, double MaxMs)
{
    /// <summary>Sums up measurements in milliseconds.</summary>
    public static BenchLatency Of(int rate, double[] milliseconds)
    {
        Array.Sort(milliseconds);
        return new BenchLatency(rate, milliseconds.Length, At(0.5), At(0.99), At(0.999), At(1));

        double At(double share) => milliseconds.Length == 0
            ? double.NaN
            : Math.Round(milliseconds[(int)Math.Ceiling(share * milliseconds.Length) - 1], 3);
    }
}

/// <summary>What it took.</summary>
/// <param name="PeakMiB">The largest resident set of each process that was measured.</param>
/// <param name="InProcess">What only a process itself can tell; null over HTTP.</param>
internal sealed record BenchMemory(IReadOnlyDictionary<string, double> PeakMiB, BenchHeap? InProcess);

/// <summary>What a process tells of its heap.</summary>
/// <param name="HeapMiB">The managed heap at the end, after a collection.</param>
/// <param name="AllocatedBytesPerTask">Over the first three phases.</param>
/// <param name="Collections">Garbage collections of generation 0, 1, 2.</param>
internal sealed record BenchHeap(double HeapMiB, double AllocatedBytesPerTask, int[] Collections);

/// <summary>The JSON of a report.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class BenchJson : JsonSerializerContext;
