using System.Collections.Immutable;

namespace Elasticity.Grains;

/// <inheritdoc cref="IRegistryGrain"/>
/// <param name="clock">The clocks.</param>
public sealed class RegistryGrain(EngineClock clock) : Grain, IRegistryGrain
{
    /// <summary>The most queues that are remembered.</summary>
    private const int QueuesMax = 100_000;

    /// <summary>A queue that did not say for so long that it is there has gone: six times it should have.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromMinutes(1);

    private readonly SortedDictionary<string, TimeSpan> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SiloCounts> _counts = [];

    /// <inheritdoc/>
    public Task AddQueuesAsync(ImmutableArray<string> keys)
    {
        foreach (string key in keys.Where(k => _queues.Count < QueuesMax || _queues.ContainsKey(k)))
        {
            _queues[key] = clock.Monotonic;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task RemoveQueueAsync(string key)
    {
        _queues.Remove(key);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CountAsync(string silo, SiloCounts counts)
    {
        _counts[silo] = counts;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<RegistryLook> LookAsync()
    {
        TimeSpan since = clock.Monotonic - SilenceMax;
        foreach (string gone in _queues.Where(q => q.Value < since).Select(q => q.Key).ToArray())
        {
            _queues.Remove(gone);
        }

        return Task.FromResult(new RegistryLook(
            [.. _queues.Keys],
            _counts.Values.Aggregate(SiloCounts.None, (a, b) => a + b)));
    }
}
