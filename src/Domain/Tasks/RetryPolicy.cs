namespace Elasticity.Domain.Tasks;

/// <summary>When a task that failed is tried again: exponential back-off with a cap and jitter.</summary>
/// <remarks>
/// The delay after attempt n is <c>min(Cap, First × Factor^(n-1))</c>, of which the share <c>Jitter</c> is drawn at
/// random, so that failed tasks do not come back in one wave ("Exponential Backoff And Jitter", Brooker, AWS
/// Architecture Blog, 2015, "equal jitter" with a settable share).
/// </remarks>
public sealed record RetryPolicy
{
    /// <summary>The most attempts that can be asked for.</summary>
    public const int AttemptsLimit = 1_000;

    /// <summary>The longest back-off that can be asked for.</summary>
    public static readonly TimeSpan BackoffLimit = TimeSpan.FromDays(7);

    /// <summary>What a task has that says nothing. These values are part of the stored format: they never
    /// change.</summary>
    public static RetryPolicy Default { get; } = new();

    /// <summary>How often a task may be executed before it is dead-lettered; 1 to 1,000; 1 means no retry. Default:
    /// 3.</summary>
    public int AttemptsMax { get; init; } = 3;

    /// <summary>The delay after the first failure; 0 to 7 days. Default: 1 second.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What each further failure multiplies the delay by; 1 to 100. Default: 2.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>The longest delay; 0 to 7 days. Default: 5 minutes.</summary>
    public TimeSpan Cap { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The share of the delay that is random; 0 (none) to 1 (all). Default: 0.2.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>The delay before the next attempt.</summary>
    /// <param name="attempt">The attempt that failed; 1 is the first.</param>
    /// <param name="chance">A random number, at least 0 and below 1.</param>
    /// <returns>Between <c>(1 - Jitter)</c> of the full delay and the full delay.</returns>
    public TimeSpan DelayAfter(int attempt, double chance)
    {
        // The power may be infinite, and zero times infinity is no number.
        double full = First == TimeSpan.Zero
            ? 0
            : Math.Min(Cap.TotalSeconds, First.TotalSeconds * Math.Pow(Factor, attempt - 1));
        return TimeSpan.FromSeconds(full * (1 - (Jitter * chance)));
    }

    /// <summary>Checks the ranges.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? Problem() =>
        AttemptsMax is < 1 or > AttemptsLimit ? $"attemptsMax is 1 to {AttemptsLimit}, not {AttemptsMax}."
        : First < TimeSpan.Zero || First > BackoffLimit
            ? $"The first back-off is 0 to {BackoffLimit.TotalDays} days, not {First}."
        : Factor is not (>= 1 and <= 100) ? $"The back-off factor is 1 to 100, not {Factor}."
        : Cap < TimeSpan.Zero || Cap > BackoffLimit
            ? $"The back-off cap is 0 to {BackoffLimit.TotalDays} days, not {Cap}."
        : Jitter is not (>= 0 and <= 1) ? $"The jitter is 0 to 1, not {Jitter}."
        : null;
}
