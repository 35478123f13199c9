using Elasticity.Cli.Stores;
using Elasticity.Cli.Work;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;

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
    private readonly LocalEngine _local;
    private readonly bool _isMemory;
    private readonly CancellationTokenSource _drain = new();
    private readonly List<Worker> _workers = [];
    private readonly List<Task> _running = [];
    private readonly string? _temporary;

    private InProcessSite(LocalEngine local, bool isMemory, string? temporary)
    {
        _local = local;
        _isMemory = isMemory;
        _temporary = temporary;
    }

    /// <inheritdoc/>
    public override IElasticity Engine => _local.Engine;

    /// <inheritdoc/>
    public override string Name => "in-process";

    /// <inheritdoc/>
    public override string Durability => _isMemory
        ? "nothing is written: the memory store forgets everything with the process"
        : "SQLite, WAL, synchronous=FULL: every append is synchronised before it is answered";

    /// <summary>Opens the store and starts the engine.</summary>
    public static async Task<InProcessSite> OpenAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        string? temporary = options is { Store: "sqlite", Data: null }
            ? Directory.CreateTempSubdirectory("elasticity-bench-").FullName
            : null;
        bool isMemory = options.Store == "memory";
        LocalEngine local = isMemory
            ? await LocalEngine.StartAsync(new InMemoryEventStore(), cancellationToken)
            : await LocalEngine.OpenAsync(options.Data ?? temporary!, cancellationToken);
        return new InProcessSite(local, isMemory, temporary);
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
            _workers.Add(new Worker(_local.Engine, worker, new NoopHandler(), TimeProvider.System));
            _running.Add(_workers[i].RunAsync(_drain.Token));
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _drain.CancelAsync();
        await Task.WhenAll(_running);
        _workers.ForEach(w => w.Dispose());
        await _local.DisposeAsync();
        _drain.Dispose();
        if (_temporary is not null)
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }
}
