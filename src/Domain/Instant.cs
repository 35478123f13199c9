namespace Elasticity.Domain;

/// <summary>One moment on two clocks: events are stamped by the wall clock, leases run by the monotonic one, which
/// nobody can set.</summary>
/// <param name="Utc">Wall clock, UTC.</param>
/// <param name="Monotonic">Time since an arbitrary start of this process; never goes back.</param>
public readonly record struct Instant(DateTimeOffset Utc, TimeSpan Monotonic);
