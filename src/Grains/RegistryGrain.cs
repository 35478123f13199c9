
namespace Elasticity.Grains;

/// <inheritdoc cref="IRegistryGrain"/>
public sealed class RegistryGrain : Grain, IRegistryGrain
{
    /// <summary>The most queues that are remembered.</summary>
    private const int QueuesMax = 100_000;

    private readonly SortedSet<string> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoreCounts> _counts = [];

    /// <inheritdoc/>
    public Task AddQueueAsync(string key)
    {
        if (_queues.Count < QueuesMax)
        {
            _queues.Add(key);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CountAsync(string silo, StoreCounts counts)
    {
        _counts[silo] = counts;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<RegistryLook> LookAsync() => Task.FromResult(new RegistryLook(
        [.. _queues],
        new StoreCounts(_counts.Values.Sum(c => c.Appends), _counts.Values.Sum(c => c.Events))));
}
