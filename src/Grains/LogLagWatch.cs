using Elasticity.Engine;
using Elasticity.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Elasticity.Grains;

/// <summary>How far readers of the log are behind what is stored. Every silo measures: all see the same log, so
/// whichever is asked says it, and nobody asks another one.</summary>
/// <remarks>It does not make a silo unready. Work does not read the log, and all silos would leave together:
/// <c>docs/guides/cluster.md</c>.</remarks>
/// <param name="store">The log. Only one that others reach, too, can hold events back.</param>
/// <param name="clock">The clocks.</param>
/// <param name="log">Hears once when the log is stuck, and once when it goes on.</param>
public sealed partial class LogLagWatch(IEventStore store, EngineClock clock, ILogger<LogLagWatch> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private volatile LogLagSeen _seen = LogLagSeen.None;

    /// <summary>Stored events that the log holds back; counted to 10,000.</summary>
    public long Events => _seen.Events;

    /// <summary>One sentence while the log is stuck; null while it is not.</summary>
    public string? Problem => _seen.Problem(clock.Monotonic);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if ((store is CountingEventStore counting ? counting.Inner : store) is not IOwnedEventStore shared)
        {
            return;
        }

        bool isStuck = false;
        using PeriodicTimer timer = new(Interval, clock.Time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await MeasureAsync(shared, stoppingToken);
            string? problem = Problem;
            if (problem is not null && !isStuck)
            {
                Stuck(problem);
            }
            else if (problem is null && isStuck)
            {
                GoesOn();
            }

            isStuck = problem is not null;
        }
    }

    private async Task MeasureAsync(IOwnedEventStore shared, CancellationToken stoppingToken)
    {
        try
        {
            LogLag lag = await shared.ReadLogLagAsync(stoppingToken);
            _seen = _seen.After(lag, clock.Monotonic);
        }
        catch (EventStoreException)
        {
            // Whoever looks whether the database is there finds it out as well, and says so.
        }
    }

    [LoggerMessage(
        EventId = 7003,
        Level = LogLevel.Warning,
        Message = "{Problem} Work goes on; who follows the log sees nothing new until then.")]
    private partial void Stuck(string problem);

    [LoggerMessage(EventId = 7004, Level = LogLevel.Information, Message = "The log goes on.")]
    private partial void GoesOn();
}
