using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Elasticity.Grains;

/// <summary>Minds one shard of the store: whatever its open streams still wait for is delivered again. The key is the
/// shard. A reminder wakes it even after all silos died.</summary>
[Alias("elasticity.supervisor")]
public interface ISupervisorGrain : IGrainWithIntegerKey
{
    /// <summary>Sweeps now.</summary>
    /// <returns>When everything that was outstanding has been delivered once.</returns>
    [Alias("sweep")]
    [ResponseTimeout("00:10:00")]
    Task SweepAsync();

    /// <summary>Sweeps soon; many calls are one.</summary>
    /// <returns>When noted.</returns>
    [Alias("nudge")]
    [AlwaysInterleave]
    Task NudgeAsync();
}

/// <summary>Knows which queues there are. One for the cluster, key 0; in memory: queues tell it again and again, and
/// sweeps do.</summary>
[Alias("elasticity.registry")]
public interface IRegistryGrain : IGrainWithIntegerKey
{
    /// <summary>Notes queues.</summary>
    /// <param name="keys">Their keys.</param>
    /// <returns>When noted.</returns>
    [Alias("add")]
    Task AddQueuesAsync(ImmutableArray<string> keys);

    /// <summary>Forgets a queue that leaves memory.</summary>
    /// <param name="key">Its key.</param>
    /// <returns>When forgotten.</returns>
    [Alias("remove")]
    Task RemoveQueueAsync(string key);

    /// <summary>Notes what a silo has done since its start.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="counts">The numbers.</param>
    /// <returns>When noted.</returns>
    [Alias("count")]
    Task CountAsync(string silo, SiloCounts counts);

    /// <summary>Shows what is known.</summary>
    /// <returns>The queues in ordinal order, and the sum of the counts.</returns>
    [Alias("look")]
    Task<RegistryLook> LookAsync();
}

/// <summary>What the registry knows.</summary>
/// <param name="Queues">The keys of the queues.</param>
/// <param name="Counts">Summed over silos.</param>
public sealed record RegistryLook(ImmutableArray<string> Queues, SiloCounts Counts);
