using System.Net;
using Cassandra;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Clustering.Cassandra.Hosting;
using Orleans.Configuration;

namespace Elasticity.Silo.Cassandra;

/// <summary>Members are kept in a keyspace of Cassandra. Events and reminders stay in PostgreSQL.</summary>
internal sealed class CassandraClustering : IClusteringChoice
{
    /// <summary>The value of the option.</summary>
    public const string NameOf = "cassandra";

    /// <summary>The program that has it.</summary>
    public static SiloBuild Build { get; } = new("elasticity-silo-cassandra", new CassandraClustering());

    /// <inheritdoc/>
    public string Name => NameOf;

    /// <inheritdoc/>
    public string Meaning => "members in a keyspace";

    /// <inheritdoc/>
    public IReadOnlyList<SiloOption> Options => CassandraOptionTable.All;

    /// <inheritdoc/>
    public string? Problem(SiloOptions options) => options.PostgreSql is null
        ? $"{nameof(SiloOptions.Clustering)} {Name} needs {nameof(SiloOptions.PostgreSql)}, too: events and reminders "
            + "are there."
        : CassandraSettings.Of(options).Problem();

    /// <inheritdoc/>
    public async Task<string?> MigrateAsync(SiloOptions options, CancellationToken cancellationToken)
    {
        CassandraSettings settings = CassandraSettings.Of(options);
        using Cluster cluster = CassandraConnection.Prepare(settings);
        return await CassandraSchema.PrepareAsync(cluster, settings).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task CheckAsync(SiloOptions options, CancellationToken cancellationToken)
    {
        CassandraSettings settings = CassandraSettings.Of(options);
        using Cluster cluster = CassandraConnection.Prepare(settings);
        ISession session = await CassandraConnection.ConnectAsync(cluster, settings).WaitAsync(cancellationToken);
        await CassandraSchema.CheckAsync(session, settings).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Configure(ISiloBuilder silo, SiloOptions options, IPAddress address)
    {
        silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (options.ClusterId, options.ServiceId));
        silo.ConfigureEndpoints(address, options.SiloPort, options.GatewayPort);
        silo.Services.AddSingleton(_ => new CassandraSession(CassandraSettings.Of(options)));
        silo.Services.AddSingleton<IClusteringHealth, CassandraHealth>();
        silo.UseCassandraClustering(s => s.GetRequiredService<CassandraSession>().GetAsync());
    }
}
