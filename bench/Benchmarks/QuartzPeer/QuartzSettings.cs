namespace Elasticity.Benchmarks.QuartzPeer;

/// <summary>What is measured, from the variables that <c>bench/peers/settings.mjs</c> reads, too.</summary>
internal sealed record QuartzSettings
{
    /// <summary>Triggers scheduled with one call in flight.</summary>
    public int OneByOne { get; } = Number("BENCH_ONE_BY_ONE", 1_000);

    /// <summary>Triggers scheduled with <see cref="Callers"/> calls in flight.</summary>
    public int Concurrent { get; } = Number("BENCH_CONCURRENT", 3_000);

    /// <summary>How many callers there are then.</summary>
    public int Callers { get; } = Number("BENCH_CALLERS", 50);

    /// <summary>Triggers scheduled in batches; once to be drained, once end to end.</summary>
    public int Tasks { get; } = Number("BENCH_TASKS", 5_000);

    /// <summary>Triggers a second in the steady phase.</summary>
    public int Rate { get; } = Number("BENCH_RATE", 100);

    /// <summary>How many triggers the steady phase has.</summary>
    public int Steady => Rate * Number("BENCH_STEADY_SECONDS", 10);

    /// <summary>A phase that takes longer has failed.</summary>
    public TimeSpan PhaseMax { get; } = TimeSpan.FromSeconds(Number("BENCH_PHASE_SECONDS", 180));

    private static int Number(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text) : otherwise;
}
