using Elasticity.Engine;

namespace Elasticity.Grains;

/// <summary>What silos have done since their start.</summary>
/// <param name="Appends">Batches made durable.</param>
/// <param name="Events">Events made durable.</param>
/// <param name="Granted">Leases given.</param>
/// <param name="Settled">Results recorded.</param>
/// <param name="Refused">Results refused.</param>
/// <param name="TakenBack">Leases that ran out or were lost.</param>
/// <param name="Undelivered">Messages to grains that could not be reached; sweeps delivered them again.</param>
public sealed record SiloCounts(
    long Appends, long Events, long Granted, long Settled, long Refused, long TakenBack, long Undelivered)
{
    /// <summary>Nothing.</summary>
    public static SiloCounts None { get; } = new(0, 0, 0, 0, 0, 0, 0);

    /// <summary>Adds up.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">Another.</param>
    /// <returns>What both have done.</returns>
    public static SiloCounts operator +(SiloCounts a, SiloCounts b) => new(
        a.Appends + b.Appends,
        a.Events + b.Events,
        a.Granted + b.Granted,
        a.Settled + b.Settled,
        a.Refused + b.Refused,
        a.TakenBack + b.TakenBack,
        a.Undelivered + b.Undelivered);

    /// <summary>A status with these numbers.</summary>
    /// <param name="status">The rest of it.</param>
    /// <returns>Both.</returns>
    public EngineStatus Into(EngineStatus status) => status with
    {
        Appends = Appends,
        Events = Events,
        Granted = Granted,
        Settled = Settled,
        Refused = Refused,
        TakenBack = TakenBack,
        Undelivered = Undelivered,
    };
}
