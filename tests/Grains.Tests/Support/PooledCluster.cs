using Elasticity.Engine.Contract;
using Elasticity.EventStore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace Elasticity.Grains.Tests.Support;

/// <summary>Three silos in this process that serve one test after the other.</summary>
internal sealed class PooledCluster : IAsyncDisposable
{
    private const short SiloCount = 3;

    /// <summary>Longer than any wait of a test.</summary>
    private static readonly TimeSpan LongerThanAnyWait = TimeSpan.FromMinutes(10);

    /// <summary>How long grains may take to leave; far more than they need.</summary>
    private static readonly TimeSpan EmptyMax = TimeSpan.FromSeconds(5);

    /// <summary>As clients and silos have it.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly List<SwitchedStore> _stores = [];
    private readonly ManualTime _time;
    private Func<IEventStore>? _open;

    private PooledCluster(GrainsOptions options, ManualTime time)
    {
        (Options, _time) = (options, time);
        InProcessTestClusterBuilder builder = new(SiloCount);
        builder.ConfigureHost(host => host.Logging.SetMinimumLevel(LogLevel.Error));
        builder.ConfigureSilo((_, silo) => Configure(silo));
        builder.ConfigureClient(client =>
        {
            client.Services.AddElasticityWire();
            client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = ResponseTimeout);
        });
        Silos = builder.Build();
    }

    /// <summary>What the grains are bounded by.</summary>
    public GrainsOptions Options { get; }

    /// <summary>The silos.</summary>
    public InProcessTestCluster Silos { get; }

    /// <summary>The death that one of them is to die; null: none.</summary>
    public SiloDeath? Death { get; set; }

    /// <summary>Starts silos.</summary>
    public static async Task<PooledCluster> StartAsync(
        GrainsOptions options, ManualTime time, CancellationToken cancellationToken)
    {
        PooledCluster cluster = new(options, time);
        await cluster.Silos.DeployAsync(cancellationToken);
        return cluster;
    }

    /// <summary>Puts a store into every silo, also into those that start later.</summary>
    public void Use(Func<IEventStore> open)
    {
        lock (_gate)
        {
            _open = open;
            foreach (SwitchedStore store in _stores)
            {
                store.Inner = open();
            }
        }
    }

    /// <summary>Has every grain leave memory, so that the next test meets none that knows of this one.</summary>
    /// <returns>False when some stay.</returns>
    public async Task<bool> TryEmptyAsync()
    {
        _time.Advance(LongerThanAnyWait);
        IManagementGrain management = Silos.Client.GetGrain<IManagementGrain>(0);
        long start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < EmptyMax)
        {
            await management.ForceActivationCollection(TimeSpan.Zero);
            SimpleGrainStatistic[] left = await management.GetSimpleGrainStatistics();
            if (!left.Any(s => s.GrainType.Contains("Elasticity", StringComparison.Ordinal) && s.ActivationCount > 0))
            {
                return true;
            }

            await Task.Delay(1);
        }

        return false;
    }

    public ValueTask DisposeAsync() => Silos.DisposeAsync();

    private void Configure(ISiloBuilder silo)
    {
        silo.UseInMemoryReminderService();
        silo.Configure<ClusterMembershipOptions>(o =>
        {
            o.ProbeTimeout = TimeSpan.FromMilliseconds(300);
            o.MaxProbeTimeout = TimeSpan.FromMilliseconds(300);
            o.NumMissedProbesLimit = 3;
            o.NumVotesForDeathDeclaration = 1;
        });
        silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = ResponseTimeout);
        silo.Services.AddSingleton(new EngineClock(_time));
        silo.AddElasticityGrains(s => AddStore(s.GetRequiredService<ILocalSiloDetails>()), Options);
    }

    private SiloStore AddStore(ILocalSiloDetails silo)
    {
        SiloStore store = new(this, silo);
        lock (_gate)
        {
            if (_open is not null)
            {
                store.Inner = _open();
            }

            _stores.Add(store);
        }

        return store;
    }

    /// <summary>The store of one silo, in which that may die.</summary>
    private sealed class SiloStore(PooledCluster cluster, ILocalSiloDetails silo) : SwitchedStore
    {
        public override ValueTask<AppendResult> AppendAsync(AppendBatch batch, CancellationToken cancellationToken) =>
            cluster.Death is { } death
                ? death.AppendAsync(silo.SiloAddress, batch, () => base.AppendAsync(batch, cancellationToken))
                : base.AppendAsync(batch, cancellationToken);
    }
}
