using Elasticity.Api;
using Elasticity.Contracts;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Elasticity.Silo;

/// <summary>Whether this silo should get requests: it is a member of its cluster, it was not told to stop, and it
/// reaches its database.</summary>
/// <param name="store">The log.</param>
/// <param name="status">How the cluster sees this silo.</param>
/// <param name="lifetime">Whether it was told to stop.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears when the database goes away and comes back.</param>
internal sealed class SiloHealth(
    IEventStore store,
    ISiloStatusOracle status,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<SiloHealth> logger) : BackgroundService
{
    /// <summary>How often the database is asked for a little.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Longer than a commit that waits for a busy disk; then it counts as away.</summary>
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    private volatile Obstacle? _store;

    /// <summary>Why it should get none; null when it should.</summary>
    public Obstacle? Find() =>
        lifetime.ApplicationStopping.IsCancellationRequested
            ? new Obstacle(ProblemCode.EngineStopping, "The silo stops.")
        : status.CurrentStatus != SiloStatus.Active
            ? new Obstacle(ProblemCode.EngineStarting, $"To its cluster, the silo is {status.CurrentStatus}.")
        : _store;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        do
        {
            Obstacle? found = await AskAsync(stoppingToken);
            if (found is not null && _store is null)
            {
                SiloLog.DatabaseLost(logger, found.Detail);
            }
            else if (found is null && _store is not null)
            {
                SiloLog.DatabaseBack(logger);
            }

            _store = found;
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<Obstacle?> AskAsync(CancellationToken stoppingToken)
    {
        try
        {
            await store.ListOpenAsync(shard: 0, StreamNames.JobPrefix, after: null, limit: 1, stoppingToken).AsTask()
                .WaitAsync(AnswerWithin, time, stoppingToken);
            return null;
        }
        catch (EventStoreException e)
        {
            return new Obstacle(e.Code, e.Message);
        }
        catch (TimeoutException)
        {
            return new Obstacle(
                "store-unavailable", $"The database has not answered within {AnswerWithin.TotalSeconds} s.");
        }
#pragma warning disable CA1031 // Whoever looks must not end the silo.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return new Obstacle("store-failed", $"The database cannot be asked: {e.Message}");
        }
    }
}
