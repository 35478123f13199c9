using Elasticity.Domain;

namespace Elasticity.Simulator.World;

/// <summary>The clocks of one machine: they drift, and the wall clock is set now and then.</summary>
internal sealed class HostClock(Agenda agenda, double drift)
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly double _rate = 1 + drift;
    private TimeSpan _setBy;

    public DateTimeOffset Utc => Epoch + (agenda.Now * _rate) + _setBy;

    /// <summary>Never goes back.</summary>
    public TimeSpan Monotonic => agenda.Now * _rate;

    /// <summary>What it shows, or will show, at a true time.</summary>
    public TimeSpan MonotonicAt(TimeSpan trueTime) => trueTime * _rate;

    /// <summary>Somebody sets the wall clock.</summary>
    public void Jump(TimeSpan by) => _setBy += by;

    /// <summary>The true time at which the monotonic clock will show something.</summary>
    public TimeSpan TrueTimeOf(TimeSpan monotonic) => monotonic / _rate;

    /// <summary>What a process sees that started its monotonic clock at a time.</summary>
    public Instant Read(TimeSpan start) => new(Utc, Monotonic - start);
}
