using Elasticity.EventStore;
using Microsoft.Extensions.Logging;
using Orleans.TestingHost;

namespace Elasticity.Grains.Tests.Support;

/// <summary>One silo in this process with a store in memory, for a test that must end within a minute.</summary>
internal sealed class OneSilo : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly InProcessTestCluster _cluster;
    private readonly CancellationTokenSource _timeout = new(Patience);

    /// <summary>Describes it.</summary>
    /// <param name="options">How the grains work.</param>
    /// <param name="configure">What else the silo has, reminders among it.</param>
    public OneSilo(GrainsOptions options, Action<ISiloBuilder> configure)
    {
        InProcessTestClusterBuilder builder = new(1);
        builder.ConfigureHost(host => host.Logging.SetMinimumLevel(LogLevel.Error));
        builder.ConfigureSilo((_, silo) =>
        {
            configure(silo);
            silo.AddElasticityGrains(_ => Store, options);
        });
        builder.ConfigureClient(client => client.Services.AddElasticityWire());
        _cluster = builder.Build();
    }

    public InMemoryEventStore Store { get; } = new();

    public IClusterClient Client => _cluster.Client;

    /// <summary>Cancelled when the test takes too long.</summary>
    public CancellationToken Timeout => _timeout.Token;

    public Task StartAsync() => _cluster.DeployAsync(Timeout);

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await Store.DisposeAsync();
        _timeout.Dispose();
    }
}
