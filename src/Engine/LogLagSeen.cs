using Elasticity.EventStore;

namespace Elasticity.Engine;

/// <summary>How far readers of the log were behind what is stored, when it was measured last, and since when the log
/// stands still. Every engine says by the same rule that it is stuck.</summary>
/// <param name="Events">Stored events that the log holds back; counted to 10,000.</param>
/// <param name="Horizon">Where the log ended.</param>
/// <param name="Since">When the log was first seen to end there with events held back, monotonic.</param>
public sealed record LogLagSeen(long Events, long Horizon, TimeSpan Since)
{
    /// <summary>The stable code of what is wrong.</summary>
    public const string Code = "store-lag";

    /// <summary>Nothing is held back.</summary>
    public static readonly LogLagSeen None = new(0, 0, TimeSpan.Zero);

    /// <summary>So long the log may stand still with events held back before that is worth saying: far longer than a
    /// transaction of a store is open.</summary>
    public static readonly TimeSpan StandstillMax = TimeSpan.FromSeconds(5);

    /// <summary>Measures once more.</summary>
    /// <param name="lag">What was measured now.</param>
    /// <param name="now">Monotonic.</param>
    /// <returns>What is known now. A log that goes on is not stuck, however much is written beside it.</returns>
    public LogLagSeen After(LogLag lag, TimeSpan now)
    {
        bool standsStill = Events > 0 && Horizon == lag.Horizon;
        return lag.Events == 0 ? None : new LogLagSeen(lag.Events, lag.Horizon, standsStill ? Since : now);
    }

    /// <summary>Says what is wrong.</summary>
    /// <param name="now">Monotonic.</param>
    /// <returns>One sentence; null while the log is not stuck.</returns>
    public string? Problem(TimeSpan now)
    {
        TimeSpan age = now - Since;
        return Events == 0 || age < StandstillMax
            ? null
            : $"The log has held {Events} events back for {age.TotalSeconds:0} s: a transaction in the database does "
                + "not end.";
    }
}
