using System.Globalization;
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

    /// <inheritdoc/>
    public string IsDead(SiloOptions options, SiloAddress silo)
    {
        const int Dead = (int)SiloStatus.Dead;
        IPEndPoint at = silo.Endpoint;

        // None of these holds a quotation mark: the options are checked.
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            EXISTS (SELECT FROM {ClusterSchema.NameOf(options)}.silo
                WHERE deployment_id = '{options.ClusterId}' AND address = '{at.Address}' AND port = {at.Port}
                    AND generation = {silo.Generation} AND status = {Dead})
            """);
    }
}
