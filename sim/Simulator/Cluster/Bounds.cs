namespace Elasticity.Simulator.Cluster;

/// <summary>How much a silo does at once and remembers, as in <c>src/Grains/GrainsOptions.cs</c>; half the worlds have
/// bounds that are met.</summary>
internal sealed record Bounds(int TasksKnownMax, int CallsUnderWayMax, int RoundsAwaitedMax, int StopsAwaitedMax)
{
    public static Bounds Draw(Chance chance) => new(
        TasksKnownMax: chance.Is(0.5) ? 100_000 : chance.Int(2, 12),
        CallsUnderWayMax: chance.Is(0.5) ? 64 : chance.Int(1, 4),
        RoundsAwaitedMax: chance.Is(0.5) ? 4 : chance.Int(1, 3),
        StopsAwaitedMax: chance.Is(0.5) ? 1_000 : chance.Int(1, 5));
}
