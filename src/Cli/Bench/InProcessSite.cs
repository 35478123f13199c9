using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Stores;
using Elasticity.Cli.Work;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.PostgreSql;

namespace Elasticity.Cli.Bench;

/// <summary>Engine and agents in this process.</summary>
internal sealed class InProcessSite : BenchSite
{
    private readonly BenchOptions _options;
    private readonly LocalEngine _local;
    private readonly CancellationTokenSource _drain = new();
    private readonly List<Worker> _workers = [];
    private readonly List<Task> _running = [];
    private readonly string? _temporary;

    private InProcessSite(BenchOptions options, LocalEngine local, string? temporary)
    {
        _options = options;
        _local = local;
        _temporary = temporary;
    }

    /// <inheritdoc/>
    public override IElasticity Engine => _local.Engine;

    /// <inheritdoc/>
    public override string Name => "in-process";

    /// <inheritdoc/>
    public override string Durability => DurabilityOf(_options.Store);

    /// <inheritdoc/>
    public override bool IsStoreOwn => true;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, int Id)> Processes => [("engine and agents", Environment.ProcessId)];

    /// <summary>Opens the store and starts the engine.</summary>
    public static async Task<InProcessSite> OpenAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        string? temporary = options is { Store: BenchOptions.SqliteStore, Data: null }
            ? Directory.CreateTempSubdirectory("elasticity-bench-").FullName
            : null;
        LocalEngine local = options.Store switch
        {
            BenchOptions.MemoryStore => await LocalEngine.StartAsync(new InMemoryEventStore(), null, cancellationToken),
            BenchOptions.SqliteStore => await LocalEngine.OpenAsync(options.Data ?? temporary!, cancellationToken),
            _ => await LocalEngine.StartAsync(
                await OpenPostgreSqlAsync(options.Store, cancellationToken),
                null,
                cancellationToken),
        };
        return new InProcessSite(options, local, temporary);
    }

    private static async Task<PostgreSqlEventStore> OpenPostgreSqlAsync(
        string connection, CancellationToken cancellationToken)
    {
        PostgreSqlEventStoreOptions options = new() { ConnectionString = connection, Schema = BenchOptions.Schema };
        try
        {
            return await PostgreSqlEventStore.OpenAsync(options, cancellationToken);
        }
        catch (ArgumentException e)
        {
            throw CliException.Refused(
                "options-invalid", $"--store is memory, sqlite or a connection string: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public override void StartAgents()
    {
        for (int i = 0; i < _options.Agents; i++)
        {
            WorkerOptions worker = new()
            {
                Agent = new AgentId($"bench-{i}"),
                Kinds = [NoopHandler.Kind, NoopHandler.StampKind],
                Slots = _options.Slots,
                Ahead = _options.Slots,
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
