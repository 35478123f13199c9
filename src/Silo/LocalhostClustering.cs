using System.Net;

namespace Elasticity.Silo;

/// <summary>The silo is alone.</summary>
internal sealed class LocalhostClustering : IClusteringChoice
{
    /// <summary>The only one.</summary>
    public static LocalhostClustering Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "localhost";

    /// <inheritdoc/>
    public string Meaning => "this silo is the cluster";

    /// <inheritdoc/>
    public string? Problem(SiloOptions options) => null;

    /// <inheritdoc/>
    public void Configure(ISiloBuilder silo, SiloOptions options, IPAddress address) =>
        silo.UseLocalhostClustering(
            options.SiloPort, options.GatewayPort, null, options.ServiceId, options.ClusterId);
}
