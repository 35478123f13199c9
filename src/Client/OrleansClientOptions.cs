using Elasticity.Domain;

namespace Elasticity.Client;

/// <summary>How a client uses the cluster.</summary>
public sealed record OrleansClientOptions
{
    /// <summary>The limits that whole jobs are cut by; those of the silos decide. Default:
    /// <see cref="Limits.Default"/>.</summary>
    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>How long one call waits for a lease; a longer wait is several calls, so that a silo that dies takes no
    /// long wait with it. Default: 5 seconds.</summary>
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the status is fetched; less often where fetching it takes long, so that it takes at most a
    /// twentieth of the time, but after a pause of 10 seconds at most. Default: 1 second;
    /// <see cref="Timeout.InfiniteTimeSpan"/> only when a list is asked for.</summary>
    public TimeSpan StatusInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a call that could not be made is made again: a silo that died is noticed within seconds. All
    /// commands are idempotent. Default: 15 seconds; zero never repeats.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The pause before a call is made again. Default: 200 ms.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>After so long <see cref="Engine.IInspection.WaitForNewsAsync"/> says that it is worth reading again.
    /// Default: 500 ms.</summary>
    public TimeSpan NewsInterval { get; init; } = TimeSpan.FromMilliseconds(500);
}
