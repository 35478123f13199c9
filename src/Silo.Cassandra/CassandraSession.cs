using Cassandra;

namespace Elasticity.Silo.Cassandra;

/// <summary>The connection that a silo keeps to Cassandra: made when it is first asked for, then kept up by the
/// driver.</summary>
/// <param name="settings">How.</param>
internal sealed class CassandraSession(CassandraSettings settings) : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private Cluster? _cluster;
    private ISession? _session;

    /// <summary>The session; safe to call from many threads.</summary>
    /// <exception cref="ClusteringAwayException">No node answers; the next call tries again.</exception>
    /// <exception cref="InvalidOperationException">Cassandra refuses, and will again.</exception>
    public async Task<ISession> GetAsync()
    {
        await _connecting.WaitAsync();
        try
        {
            return _session ??= await ConnectAsync();
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _connecting.Dispose();
        if (_cluster is not null)
        {
            await _cluster.ShutdownAsync();
            _cluster.Dispose();
        }
    }

    private async Task<ISession> ConnectAsync()
    {
        // One that did not come about cannot be used again.
        Cluster cluster = CassandraConnection.Prepare(settings);
        try
        {
            ISession session = await CassandraConnection.ConnectAsync(cluster, settings);
            _cluster = cluster;
            return session;
        }
        finally
        {
            if (_cluster is null)
            {
                cluster.Dispose();
            }
        }
    }
}
