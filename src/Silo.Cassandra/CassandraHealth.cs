using Cassandra;

namespace Elasticity.Silo.Cassandra;

/// <summary>Whether the members can be read: by as many nodes as Orleans asks, a majority of the copies.</summary>
/// <param name="options">Whose members.</param>
/// <param name="session">The connection that Orleans uses, too.</param>
internal sealed class CassandraHealth(SiloOptions options, CassandraSession session) : IClusteringHealth
{
    private readonly IStatement _question = CassandraSchema.ReadVersion(options);

    /// <inheritdoc/>
    public async Task AskAsync(CancellationToken cancellationToken)
    {
        ISession connected = await session.GetAsync().WaitAsync(cancellationToken);
        await CassandraConnection.TranslateAsync(() => connected.ExecuteAsync(_question));
    }
}
