using System.Net;
using Orleans.Configuration;

namespace Elasticity.Silo;

/// <summary>Members are kept beside the events.</summary>
internal sealed class PostgreSqlClustering : IClusteringChoice
{
    /// <summary>The only one.</summary>
    public static PostgreSqlClustering Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "postgresql";

    /// <inheritdoc/>
    public string Meaning => "the default with a database";

    /// <inheritdoc/>
    public string? Problem(SiloOptions options) => options.PostgreSql is null
        ? $"{nameof(SiloOptions.Clustering)} {Name} needs {nameof(SiloOptions.PostgreSql)}, a connection string."
        : null;

    /// <inheritdoc/>
    public void Configure(ISiloBuilder silo, SiloOptions options, IPAddress address)
    {
        silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (options.ClusterId, options.ServiceId));
        silo.ConfigureEndpoints(address, options.SiloPort, options.GatewayPort);
        silo.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) =
            (ClusterSchema.Invariant, ClusterSchema.ConnectionStringOf(options)));
    }
}
