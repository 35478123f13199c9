using Elasticity.Cli.Work;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.Engine.Embedded;
using Elasticity.EventStore;
using Elasticity.EventStore.Sqlite;

namespace Elasticity.Cli.Bench;

/// <summary>What is measured: an engine, and agents that can be started.</summary>
internal abstract class BenchSite : IAsyncDisposable
{
    /// <summary>The engine.</summary>
    public abstract IElasticity Engine { get; }

    /// <summary>For the report.</summary>
    public abstract string Name { get; }

    /// <summary>What was written and synchronised, for the report.</summary>
    public abstract string Durability { get; }

    /// <summary>Starts the agents.</summary>
    public abstract void StartAgents(BenchOptions options);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>Engine and agents in this process.</summary>
internal sealed class InProcessSite : BenchSite
{
    private readonly IEventStore _store;
    private readonly EmbeddedEngine _engine;
    private readonly CancellationTokenSource _drain = new();
    private readonly List<Worker> _workers = [];
    private readonly List<Task> _running = [];
    private readonly string? _temporary;

    private InProcessSite(IEventStore store, EmbeddedEngine engine, string? temporary)
    {
        _store = store;
        _engine = engine;
        _temporary = temporary;
    }

    /// <inheritdoc/>
    public override IElasticity Engine => _engine;

    /// <inheritdoc/>
    public override string Name => "in-process";

    /// <inheritdoc/>
    public override string Durability => _store is InMemoryEventStore
        ? "nothing is written: the memory store forgets everything with the process"
        : "SQLite, WAL, synchronous=FULL: every append is synchronised before it is answered";

    /// <summary>Opens the store and starts the engine.</summary>
    public static async Task<InProcessSite> OpenAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        string? temporary = options is { Store: "sqlite", Data: null }
            ? Directory.CreateTempSubdirectory("elasticity-bench-").FullName
            : null;
        IEventStore store = options.Store == "memory"
            ? new InMemoryEventStore()
            : await SqliteEventStore.OpenAsync(
                new SqliteEventStoreOptions { Directory = options.Data ?? temporary! }, cancellationToken);
        EmbeddedEngine engine = await EmbeddedEngine.StartAsync(store, cancellationToken: cancellationToken);
        return new InProcessSite(store, engine, temporary);
    }

    /// <inheritdoc/>
    public override void StartAgents(BenchOptions options)
    {
        for (int i = 0; i < options.Agents; i++)
        {
            WorkerOptions worker = new()
            {
                Agent = new AgentId($"bench-{i}"),
                Kinds = [NoopHandler.Kind, NoopHandler.StampKind],
                Slots = options.Slots,
                Ahead = options.Slots,
                IsInProcess = true,
            };
            _workers.Add(new Worker(_engine, worker, new NoopHandler(), TimeProvider.System));
            _running.Add(_workers[i].RunAsync(_drain.Token));
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _drain.CancelAsync();
        await Task.WhenAll(_running);
        _workers.ForEach(w => w.Dispose());
        await _engine.DisposeAsync();
        await _store.DisposeAsync();
        _drain.Dispose();
        if (_temporary is not null)
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }
}
