using Elasticity.EventStore;
using Microsoft.Extensions.Hosting;

namespace Elasticity.Grains;

/// <summary>What every silo does besides hosting grains: it wakes all supervisors when it has started, and tells the
/// registry what it has done.</summary>
/// <param name="grains">The way to the grains.</param>
/// <param name="silo">This silo.</param>
/// <param name="store">The log.</param>
/// <param name="counter">What it has done.</param>
/// <param name="lifetime">Says when the silo has started.</param>
internal sealed class SiloBeat(
    IGrainFactory grains,
    ILocalSiloDetails silo,
    IEventStore store,
    SiloCounter counter,
    IHostApplicationLifetime lifetime) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.WhenStartedAsync(stoppingToken);

        // Whatever died before this start: its open streams are minded again.
        grains.NudgeSupervisors(store.ShardCount);
        using PeriodicTimer timer = new(Interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // Also what has not changed: the registry may be a new one.
            grains.GetGrain<IRegistryGrain>(0)
                .CountAsync(silo.SiloAddress.ToParsableString(), counter.Counts).Ignore();
        }
    }
}
