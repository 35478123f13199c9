using Elasticity.EventStore;

namespace Elasticity.Simulator.World;

/// <summary>What becomes of an append to a store that is slow, full, failing, or silent about it.</summary>
/// <param name="Takes">How long the store takes.</param>
/// <param name="WrittenAfter">After how long it is in the store, later than that for one that arrives late; null for
/// never.</param>
/// <param name="Failure">What whoever appends is told instead of the result; null for the result.</param>
internal readonly record struct AppendFate(TimeSpan Takes, TimeSpan? WrittenAfter, EventStoreException? Failure)
{
    /// <summary>It is in the store when its end is told.</summary>
    public bool IsWrittenInTime => WrittenAfter == Takes;

    /// <summary>Draws one.</summary>
    /// <param name="faults">Which faults happen.</param>
    /// <param name="chance">The chance of who appends.</param>
    /// <param name="isFull">The store takes nothing now.</param>
    public static AppendFate Draw(FaultBox faults, Chance chance, bool isFull)
    {
        TimeSpan takes = faults.Is(Fault.StoreSlow, chance) ? chance.Seconds(0.5, 30) : chance.Seconds(0.0005, 0.02);
        return isFull ? new AppendFate(takes, null, Trouble("store-full", isUnknown: false))
            : faults.Is(Fault.StoreFails, chance)
                ? new AppendFate(takes, null, Trouble("store-unavailable", isUnknown: false))
            : faults.Is(Fault.StoreUnknownLost, chance)
                ? new AppendFate(takes, null, Trouble("store-unavailable", isUnknown: true))
            : faults.Is(Fault.StoreUnknownLate, chance)
                ? new AppendFate(
                    takes, takes + chance.Seconds(0.01, 10), Trouble("store-unavailable", isUnknown: true))
            : faults.Is(Fault.StoreUnknownWritten, chance)
                ? new AppendFate(takes, takes, Trouble("store-unavailable", isUnknown: true))
            : new AppendFate(takes, takes, null);
    }

    /// <summary>A read, or something else with a result, that fails.</summary>
    public static EventStoreException Unavailable() => Trouble("store-unavailable", isUnknown: false);

    private static EventStoreException Trouble(string code, bool isUnknown) =>
        new(code, "The simulated store failed.", isTransient: true, isOutcomeUnknown: isUnknown);
}
