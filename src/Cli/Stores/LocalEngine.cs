using Elasticity.Cli.CommandLine;
using Elasticity.Engine;
using Elasticity.Engine.Embedded;
using Elasticity.EventStore;
using Elasticity.EventStore.Sqlite;
using Elasticity.Server;

namespace Elasticity.Cli.Stores;

/// <summary>An engine in this process, on its store.</summary>
internal sealed class LocalEngine : IAsyncDisposable
{
    private readonly IEventStore _store;
    private readonly EmbeddedEngine _engine;

    private LocalEngine(IEventStore store, EmbeddedEngine engine)
    {
        _store = store;
        _engine = engine;
    }

    /// <summary>The engine.</summary>
    public IElasticity Engine => _engine;

    /// <summary>Takes a data directory, making it if need be, and serves it.</summary>
    /// <exception cref="EventStoreException">It cannot be used: <c>store-locked</c> and others.</exception>
    /// <exception cref="EngineUnavailableException">It cannot be read.</exception>
    /// <exception cref="ServerStartException">Its settings are not right.</exception>
    public static Task<LocalEngine> OpenAsync(string directory, CancellationToken cancellationToken) =>
        OpenAsync(SettingsOptions.Of(directory), cancellationToken);

    /// <summary>Takes the data directory of the options, making it if need be, and serves it.</summary>
    /// <exception cref="EventStoreException">It cannot be used: <c>store-locked</c> and others.</exception>
    /// <exception cref="EngineUnavailableException">It cannot be read.</exception>
    public static async Task<LocalEngine> OpenAsync(ServerOptions options, CancellationToken cancellationToken) =>
        await StartAsync(
            await SqliteEventStore.OpenAsync(
                options.Sqlite with { Directory = options.DataDirectory }, cancellationToken),
            options.EffectiveEngine,
            cancellationToken);

    /// <summary>Serves a store, which is disposed of with the engine.</summary>
    /// <exception cref="EngineUnavailableException">It cannot be read.</exception>
    public static async Task<LocalEngine> StartAsync(
        IEventStore store, EngineOptions? options, CancellationToken cancellationToken)
    {
        LocalEngine local = new(
            store, await EmbeddedEngine.StartAsync(store, options, cancellationToken: cancellationToken));
        EngineStatus status = local.Engine.GetStatus();
        if (status.State != "serving")
        {
            await local.DisposeAsync();
            throw new EngineUnavailableException(status.Code ?? "engine-starting", status.Reason ?? status.State);
        }

        return local;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _store.DisposeAsync();
    }
}
