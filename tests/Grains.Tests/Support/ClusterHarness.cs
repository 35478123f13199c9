using System.Collections.Immutable;
using Elasticity.Client;
using Elasticity.Engine;
using Elasticity.Engine.Contract;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Elasticity.EventStore.Contract;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Elasticity.Grains.Tests.Support;

/// <summary>Three silos in this process on a store of a kind, with manual clocks for the engine. The clocks of Orleans
/// itself are real.</summary>
/// <param name="pool">Where the silos come from.</param>
/// <param name="fixture">Where the data is.</param>
/// <param name="hasStorePerSilo">Each silo opens the data itself, as processes of their own would.</param>
/// <param name="queueShards">How many grains hold the queue of a kind.</param>
internal sealed class ClusterHarness(
    ClusterPool pool, IStoreFixture fixture, bool hasStorePerSilo = false, int queueShards = 1) : EngineHarness
{
    /// <summary>
    /// So small that no grain is late by half the shortest lease, which it would take for a freeze.
    /// </summary>
    private static readonly TimeSpan Stride = TimeSpan.FromMilliseconds(500);

    /// <summary>How long calls may take to come to rest; far more than they need.</summary>
    private static readonly TimeSpan RestMax = TimeSpan.FromSeconds(5);

    /// <summary>How long the client repeats a call that could not be made.</summary>
    public TimeSpan RetryFor { get; init; } = new OrleansClientOptions().RetryFor;

    private readonly List<IEventStore> _opened = [];
    private GrainsOptions _options = new();
    private PooledCluster? _cluster;
    private OrleansElasticity? _port;
    private OrleansElasticity? _impatient;
    private CallCounter? _engine;
    private IEventStore? _store;

    public override IElasticity Engine => _engine ?? throw new InvalidOperationException("It is not started.");

    public override IEventStore Store => _store ?? throw new InvalidOperationException("It is not started.");

    public override DateTimeOffset Now => pool.Time.GetUtcNow();

    public override bool IsAtomic => false;

    /// <summary>The grains as a client reaches them.</summary>
    public IGrainFactory Grains => Cluster.Client;

    /// <summary>The clocks of the engine.</summary>
    public EngineClock Clock => new(pool.Time);

    private InProcessTestCluster Cluster =>
        _cluster?.Silos ?? throw new InvalidOperationException("It is not started.");

    public override async Task StartAsync(EngineSettings settings, CancellationToken cancellationToken)
    {
        _options = new GrainsOptions
        {
            Limits = settings.Limits,
            QueueShards = queueShards,
            SessionSilenceMax = settings.SessionSilenceMax,
            TickInterval = Timeout.InfiniteTimeSpan,
            SweepInterval = Timeout.InfiniteTimeSpan,
        };
        await StartAsync(cancellationToken);
    }

    /// <summary>Kills every silo at once and starts new ones on the same data.</summary>
    public override async Task RestartAsync(CancellationToken cancellationToken)
    {
        foreach (InProcessSiloHandle silo in Cluster.Silos.ToArray())
        {
            await Cluster.KillSiloAsync(silo, cancellationToken);
        }

        await StopAsync(areSilosAlive: false);
        await StartAsync(cancellationToken);
    }

    /// <summary>The port as code in one of the silos has it, and the death of that silo, for which another
    /// starts.</summary>
    public (IElasticity Port, Func<Task> KillAsync) InsideASilo()
    {
        InProcessSiloHandle silo = Cluster.Silos[^1];
        OrleansElasticity port = new(
            Cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<IGrainFactory>(),
            new OrleansClientOptions { StatusInterval = Timeout.InfiniteTimeSpan },
            pool.Time);
        return (port, async () =>
        {
            await Cluster.KillSiloAsync(silo);
            await Cluster.StartAdditionalSiloAsync();
        });
    }

    /// <summary>Has a silo die in the middle of an append: see <see cref="SiloDeath"/>.</summary>
    /// <param name="isAfter">Not before the store has it, but after.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public void MayDie(bool isAfter, CancellationToken cancellationToken)
    {
        if (_engine!.Death is null)
        {
            _engine.Death = _cluster!.Death = new SiloDeath(s => KillAsync(s, cancellationToken), isAfter);
        }
    }

    /// <inheritdoc/>
    public override async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (_engine?.Death is { } death)
        {
            _cluster!.Death = null;
            await (death.IsBegun ? death.Over : KillAsync(Cluster.Silos[^1].SiloAddress, cancellationToken));
        }
    }

    public override async Task AdvanceAsync(TimeSpan by, CancellationToken cancellationToken)
    {
        do
        {
            TimeSpan stride = by < Stride ? by : Stride;
            pool.Time.Advance(stride);
            by -= stride;
            await AgainAsync(() => TickAsync(cancellationToken));
        }
        while (by > TimeSpan.Zero);
    }

    public override async ValueTask DisposeAsync()
    {
        await StopAsync(areSilosAlive: true);
        await fixture.DisposeAsync();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        _store = await fixture.OpenAsync(cancellationToken);
        _cluster = await pool.RentAsync(_options, cancellationToken);
        _cluster.Use(OpenForSilo);
        OrleansClientOptions options = new()
        {
            Limits = _options.Limits,
            StatusInterval = Timeout.InfiniteTimeSpan,
            RetryFor = RetryFor,
        };
        _port = new OrleansElasticity(Cluster.Client, options, pool.Time);
        _impatient = new OrleansElasticity(Cluster.Client, options with { RetryFor = TimeSpan.Zero }, pool.Time);
        _engine = new CallCounter(_port, _impatient);
        await AgainAsync(SweepAsync);
        await TickAsync(cancellationToken);
    }

    private async Task KillAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        await Cluster.KillSiloAsync(Cluster.Silos.First(s => s.SiloAddress.Equals(silo)), cancellationToken);
        await Cluster.StartAdditionalSiloAsync();
        await AgainAsync(SweepAsync);
        await AgainAsync(() => TickAsync(cancellationToken));
    }

    /// <summary>The client may still try to reach the dead one.</summary>
    private static async Task AgainAsync(Func<Task> call)
    {
        const int TriesMax = 10;
        for (int i = 1; ; i++)
        {
            try
            {
                await call();
                return;
            }
            catch (Exception e) when (i < TriesMax && e is not (OperationCanceledException or OutOfMemoryException))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }
        }
    }

    private IEventStore OpenForSilo()
    {
        if (!hasStorePerSilo)
        {
            return Store;
        }

        IEventStore opened = fixture.OpenAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        lock (_opened)
        {
            _opened.Add(opened);
        }

        return opened;
    }

    private async Task StopAsync(bool areSilosAlive)
    {
        if (_port is not null)
        {
            await _port.DisposeAsync();
            await _impatient!.DisposeAsync();
        }

        if (_cluster is not null)
        {
            await (areSilosAlive ? pool.ReturnAsync(_cluster) : _cluster.DisposeAsync().AsTask());
        }

        foreach (IEventStore store in _opened.Append(_store).OfType<IEventStore>())
        {
            await store.DisposeAsync();
        }

        _opened.Clear();
        (_port, _cluster, _store) = (null, null, null);
    }

    /// <summary>Has every supervisor look at its shard.</summary>
    public Task SweepAsync() => Task.WhenAll(Enumerable.Range(0, Store.ShardCount)
        .Select(shard => Cluster.Client.GetGrain<ISupervisorGrain>(shard).SweepAsync()));

    /// <summary>Does what the grains' own timers do, and waits until every call that is under way has been answered or
    /// waits for tasks.</summary>
    private async Task TickAsync(CancellationToken cancellationToken)
    {
        IGrainFactory grains = Cluster.Client;
        IReadOnlyList<StreamInfo> agents = await Store.ListOpenAsync(
            null, StreamNames.AgentPrefix, null, 1_000, cancellationToken);
        ImmutableArray<EndedLease>[] due = await Task.WhenAll(agents.Select(a => grains
            .GetGrain<IAgentGrain>(a.Stream.Value[StreamNames.AgentPrefix.Length..]).TickAsync()));
        if (due.Any(d => !d.IsEmpty))
        {
            await grains.GetGrain<IFrontGrain>(0).TakeBackAsync([.. due.SelectMany(d => d)]);
        }

        RegistryLook registry = await grains.GetGrain<IRegistryGrain>(0).LookAsync();
        await Task.WhenAll(registry.Queues.Select(k => grains.GetGrain<IQueueGrain>(k).TickAsync()));
        await RestAsync(grains, cancellationToken);
        await _port!.ListQueuesAsync(cancellationToken); // Fetches the status too.
    }

    private async Task RestAsync(IGrainFactory grains, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (_engine!.LeasesUnderWay != await WaitingAsync(grains))
        {
            if (TimeProvider.System.GetElapsedTime(start) > RestMax)
            {
                return; // A call hangs; the test that waits for it says so.
            }

            await Task.Delay(1, cancellationToken);
        }
    }

    private static async Task<int> WaitingAsync(IGrainFactory grains)
    {
        RegistryLook registry = await grains.GetGrain<IRegistryGrain>(0).LookAsync();
        QueueLook[] queues = await Task.WhenAll(
            registry.Queues.Select(k => grains.GetGrain<IQueueGrain>(k).LookAsync()));
        return queues.SelectMany(q => q.Waiting).Distinct().Count();
    }
}
