using System.Net;
using System.Net.Sockets;
using Elasticity.Client;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.PostgreSql;
using Elasticity.Grains;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Elasticity.ClusterBench;

/// <summary>Silos in this process, on one store. They know each other through the first, which keeps the membership in
/// memory: what is measured does not depend on it.</summary>
internal sealed class BenchCluster : IAsyncDisposable
{
    private readonly List<IHost> _hosts = [];
    private readonly string _schema = $"bench_{Guid.CreateVersion7():N}";

    /// <summary>What grains were asked.</summary>
    public CallCounter Calls { get; } = new();

    /// <summary>The port inside each silo.</summary>
    public List<IElasticity> Ports { get; } = [];

    /// <summary>Starts silos.</summary>
    public static async Task<BenchCluster> StartAsync(BenchOptions options)
    {
        BenchCluster cluster = new();
        int first = FreePort();
        for (int i = 0; i < options.Silos; i++)
        {
            await cluster.AddAsync(options, i == 0 ? first : FreePort(), first);
        }

        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IHost host in Enumerable.Reverse(_hosts))
        {
            await host.StopAsync();
            host.Dispose();
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task AddAsync(BenchOptions options, int port, int first)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddSimpleConsole(c => c.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(port, FreePort(), new IPEndPoint(IPAddress.Loopback, first));
            silo.UseInMemoryReminderService();
            silo.AddIncomingGrainCallFilter(Calls);
            silo.AddElasticityGrains(_ => OpenAsync(options).GetAwaiter().GetResult());
        });
        builder.AddElasticityPort();
        IHost host = builder.Build();
        await host.StartAsync();
        _hosts.Add(host);
        Ports.Add(host.Services.GetRequiredService<IElasticity>());
    }

    private async Task<IEventStore> OpenAsync(BenchOptions options) => options.PostgreSql is { } connection
        ? await PostgreSqlEventStore.OpenAsync(
            new PostgreSqlEventStoreOptions { ConnectionString = connection, Schema = _schema, IsShared = true },
            CancellationToken.None)
        : new InMemoryEventStore();
}
