using Elasticity.Engine.Contract;
using Xunit;

namespace Elasticity.Grains.Tests.Support;

/// <summary>The clusters of the tests of one class, which run one after the other: starting three silos takes far
/// longer than most tests. One clock for all, which never goes back.</summary>
public sealed class ClusterPool : IAsyncLifetime
{
    /// <summary>The number of shards of every store that is put into a cluster.</summary>
    public const int ShardCount = 4;

    /// <summary>Membership remembers the dead; after so many tests a cluster is not used again.</summary>
    private const int TestsMax = 40;

    private readonly List<(PooledCluster Cluster, int Tests)> _idle = [];
    private readonly Dictionary<PooledCluster, int> _tests = [];

    /// <summary>The clocks of the engine; those of Orleans itself are real.</summary>
    internal ManualTime Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        foreach ((PooledCluster cluster, _) in _idle)
        {
            await cluster.DisposeAsync();
        }
    }

    /// <summary>Gives a cluster without grains; the caller returns it, or disposes of it.</summary>
    internal async Task<PooledCluster> RentAsync(GrainsOptions options, CancellationToken cancellationToken)
    {
        int place = _idle.FindIndex(i => i.Cluster.Options == options);
        if (place < 0)
        {
            PooledCluster fresh = await PooledCluster.StartAsync(options, Time, cancellationToken);
            _tests[fresh] = 1;
            return fresh;
        }

        (PooledCluster cluster, int tests) = _idle[place];
        _idle.RemoveAt(place);
        _tests[cluster] = tests + 1;
        return cluster;
    }

    /// <summary>Takes a cluster back whose silos all live.</summary>
    internal async Task ReturnAsync(PooledCluster cluster)
    {
        _tests.Remove(cluster, out int tests);
        if (tests < TestsMax && await cluster.TryEmptyAsync())
        {
            _idle.Add((cluster, tests));
        }
        else
        {
            await cluster.DisposeAsync();
        }
    }
}
