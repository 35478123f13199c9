
namespace Elasticity.Grains;

/// <inheritdoc cref="IRegistryGrain"/>
public sealed class RegistryGrain : Grain, IRegistryGrain
{
    /// <summary>The most kinds that are remembered.</summary>
    private const int KindsMax = 100_000;

    private readonly SortedSet<string> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoreCounts> _counts = [];

    /// <inheritdoc/>
    public Task AddQueueAsync(string kind)
    {
        if (_kinds.Count < KindsMax)
        {
            _kinds.Add(kind);
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
        [.. _kinds],
        new StoreCounts(_counts.Values.Sum(c => c.Appends), _counts.Values.Sum(c => c.Events))));
}
