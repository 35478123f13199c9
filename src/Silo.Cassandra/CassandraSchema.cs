using Cassandra;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Clustering.Cassandra.Hosting;
using Host = Microsoft.Extensions.Hosting.Host;

namespace Elasticity.Silo.Cassandra;

/// <summary>The keyspace and the table of the members. Names are put into statements as text: the options let nothing
/// through that would need quotes.</summary>
internal static class CassandraSchema
{
    /// <summary>What the provider of Orleans calls its table.</summary>
    private const string Table = "membership";

    /// <summary>Creates the keyspace, if it is to be created and is not there.</summary>
    /// <returns>The statement; null when replication was not given, and somebody else creates it.</returns>
    public static string? CreateKeyspace(CassandraSettings settings) => settings.Replication.IsEmpty
        ? null
        : $"CREATE KEYSPACE IF NOT EXISTS {settings.Keyspace} WITH replication = {{'class': 'NetworkTopologyStrategy'"
            + string.Concat(settings.Replication.Select(c => $", '{c.Key}': {c.Value}")) + "}";

    /// <summary>Reads the version of the table of members, as the provider of Orleans reads: from a majority.</summary>
    public static IStatement ReadVersion(SiloOptions options) =>
        new SimpleStatement(
            $"SELECT version FROM {Table} WHERE partition_key = '{options.ServiceId}-{options.ClusterId}' LIMIT 1")
            .SetConsistencyLevel(ConsistencyLevel.Quorum);

    /// <summary>Creates what is missing: the keyspace by our statement, the table by the provider's own. Harmless when
    /// nothing is.</summary>
    /// <param name="cluster">The driver's.</param>
    /// <param name="settings">Which keyspace.</param>
    /// <returns>One sentence for whoever asked.</returns>
    /// <exception cref="ClusteringAwayException">No answer.</exception>
    /// <exception cref="InvalidOperationException">Cassandra refuses, and will again.</exception>
    public static async Task<string> PrepareAsync(ICluster cluster, CassandraSettings settings)
    {
        if (CreateKeyspace(settings) is { } statement)
        {
            ISession anywhere = await CassandraConnection.TranslateAsync(cluster.ConnectAsync);
            await CassandraConnection.TranslateAsync(() => anywhere.ExecuteAsync(new SimpleStatement(statement)));
        }

        ISession session = await CassandraConnection.ConnectAsync(cluster, settings);
        await CassandraConnection.TranslateAsync(async () =>
        {
            await CreateTableAsync(session);
            return true;
        });
        return $"The keyspace {settings.Keyspace} of Cassandra is ready.";
    }

    /// <summary>Makes sure that the table is there.</summary>
    /// <exception cref="ClusteringAwayException">No answer.</exception>
    /// <exception cref="InvalidOperationException">It is not, or Cassandra refuses; the message says what to
    /// do.</exception>
    public static async Task CheckAsync(ISession session, CassandraSettings settings)
    {
        SimpleStatement look = new(
            $"SELECT table_name FROM system_schema.tables WHERE keyspace_name = '{settings.Keyspace}' "
            + $"AND table_name = '{Table}'");
        RowSet found = await CassandraConnection.TranslateAsync(() => session.ExecuteAsync(look));
        if (!found.Any())
        {
            throw new InvalidOperationException(
                $"The keyspace {settings.Keyspace} of Cassandra is not prepared: run "
                + $"'{CassandraClustering.Build.Name} migrate', or start with --{nameof(SiloOptions.Migrate)}.");
        }
    }

    // The provider's own statements are the ones that fit to its queries, in every version of it.
    private static async Task CreateTableAsync(ISession session)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering() // Its names; the table comes from what is registered last.
            .UseCassandraClustering(_ => Task.FromResult(session)));
        using IHost neverStarted = builder.Build();
        await neverStarted.Services.GetRequiredService<IMembershipTable>()
            .InitializeMembershipTableAsync(tryInitTableVersion: false, CancellationToken.None);
    }
}
