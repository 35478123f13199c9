using System.Text.Json.Serialization;

namespace Elasticity.Domain.Tasks;

/// <summary>What a task aggregate must know of its specification, recorded with the first lease of each run.</summary>
/// <param name="Kind">The capability it needs.</param>
/// <param name="Priority">Greater goes first.</param>
/// <param name="LeaseLength">How long a lease lasts without a heartbeat; null means
/// <see cref="DefaultLeaseLength"/>.</param>
/// <param name="Retry">When to try again; null means <see cref="RetryPolicy.Default"/>.</param>
public sealed record TaskTerms(string Kind, int Priority, TimeSpan? LeaseLength, RetryPolicy? Retry)
{
    /// <summary>The lease length of a task that says nothing: 30 seconds. Part of the stored format: it never
    /// changes.</summary>
    public static readonly TimeSpan DefaultLeaseLength = TimeSpan.FromSeconds(30);

    /// <summary>The shortest lease that can be asked for.</summary>
    public static readonly TimeSpan LeaseLengthMin = TimeSpan.FromSeconds(1);

    /// <summary>The longest lease that can be asked for.</summary>
    public static readonly TimeSpan LeaseLengthMax = TimeSpan.FromHours(24);

    /// <summary>How many leases of one run may be lost before the task is dead-lettered as
    /// <c>lost-too-often</c>.</summary>
    public const int LostMax = 100;

    /// <summary>How many leases of one run may expire before the task is dead-lettered as <c>poison</c>.</summary>
    public const int ExpiredMax = 5;

    /// <summary>How many refused results of one run are recorded; beyond that they are counted by a metric
    /// only.</summary>
    public const int RefusedMax = 16;

    /// <summary>How many settlements of a task are remembered, to know them when they are sent again.</summary>
    public const int SettledMax = 16;

    /// <summary>The lease length in force. Not stored.</summary>
    [JsonIgnore]
    public TimeSpan EffectiveLeaseLength => LeaseLength ?? DefaultLeaseLength;

    /// <summary>The retry policy in force. Not stored.</summary>
    [JsonIgnore]
    public RetryPolicy EffectiveRetry => Retry ?? RetryPolicy.Default;
}
