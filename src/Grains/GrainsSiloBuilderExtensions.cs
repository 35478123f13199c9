using Elasticity.EventStore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Elasticity.Grains;

/// <summary>Wires the grains into a silo.</summary>
public static class GrainsSiloBuilderExtensions
{
    /// <summary>Adds what the grains need. Clustering and reminders are the host's.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="store">Opens the log, once; the silo disposes of it.</param>
    /// <param name="options">Bounds; null means the defaults.</param>
    /// <returns>The same silo.</returns>
    public static ISiloBuilder AddElasticityGrains(
        this ISiloBuilder silo, Func<IServiceProvider, IEventStore> store, GrainsOptions? options = null)
    {
        silo.Services.AddElasticityWire();
        silo.Services.AddSingleton(options ?? new GrainsOptions());
        silo.Services.TryAddSingleton(new EngineClock(TimeProvider.System));
        silo.Services.AddSingleton<SiloCounter>();
        silo.Services.AddSingleton<IEventStore>(s => new CountingEventStore(
            store(s), s.GetRequiredService<SiloCounter>()));
        silo.Services.AddSingleton<ChunkStore>();
        silo.Services.AddSingleton<SiloDesk>();
        silo.Services.AddHostedService<SiloBeat>();
        silo.Services.AddHostedService<SiloWatch>();
        silo.Services.AddSingleton<LogLagWatch>();
        silo.Services.AddHostedService(s => s.GetRequiredService<LogLagWatch>());
        return silo.AddCustomStorageBasedLogConsistencyProvider(Journal.Provider);
    }
}
