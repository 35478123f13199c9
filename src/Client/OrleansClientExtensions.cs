using Elasticity.Engine;
using Elasticity.Grains;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Elasticity.Client;

/// <summary>Adds the port over a cluster to a host.</summary>
public static class OrleansClientExtensions
{
    /// <summary>What a cluster is called unless it is configured otherwise.</summary>
    private const string ClusterName = "elasticity";

    /// <summary>How long a call to a silo may take before it is made again: a client is not told at once that a silo
    /// died.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Connects to a cluster when the host starts, and adds <see cref="IElasticity"/>.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="configure">Clustering: how to find the silos, and, where it is not <c>elasticity</c>, what their
    /// cluster is called.</param>
    /// <param name="options">How to use them; null means the defaults.</param>
    /// <returns>The same host.</returns>
    public static IHostApplicationBuilder AddElasticityOrleansClient(
        this IHostApplicationBuilder builder, Action<IClientBuilder> configure, OrleansClientOptions? options = null)
    {
        builder.Services.AddOrleansClient(client =>
        {
            client.Services.AddElasticityWire();
            client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (ClusterName, ClusterName));
            client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = ResponseTimeout);
            configure(client);
        });
        return builder.AddElasticityPort(options);
    }

    /// <summary>Adds <see cref="IElasticity"/> inside a silo.</summary>
    /// <param name="builder">The host of the silo.</param>
    /// <param name="options">How to use the cluster; null means the defaults.</param>
    /// <returns>The same host.</returns>
    public static IHostApplicationBuilder AddElasticityPort(
        this IHostApplicationBuilder builder, OrleansClientOptions? options = null)
    {
        builder.Services.AddSingleton<IElasticity>(
            services => new OrleansElasticity(
                services.GetRequiredService<IGrainFactory>(),
                options,
                lifetime: services.GetRequiredService<IHostApplicationLifetime>()));
        return builder;
    }
}
