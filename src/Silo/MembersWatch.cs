using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Elasticity.Silo;

/// <summary>Whether the members of the cluster can be read, where they are not in the database of the events. The silo
/// serves on when they cannot: docs/decisions/0010-cassandra-clustering.md says why.</summary>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears once when they cannot be read any more, and once when they can again.</param>
/// <param name="place">Where they are; null when that is the database.</param>
internal sealed class MembersWatch(TimeProvider time, ILogger<MembersWatch> logger, IClusteringHealth? place = null)
    : BackgroundService
{
    /// <summary>How often the place is asked for a little.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>An answer that takes longer is none.</summary>
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    private volatile string? _warning;

    /// <summary>One sentence while they cannot be read; null while they can.</summary>
    public string? Warning => _warning;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (place is null)
        {
            return;
        }

        using PeriodicTimer timer = new(Interval, time);
        do
        {
            string? reason = await AskAsync(place, stoppingToken);
            if (reason is not null && _warning is null)
            {
                SiloLog.MembersLost(logger, reason);
            }
            else if (reason is null && _warning is not null)
            {
                SiloLog.MembersBack(logger);
            }

            _warning = reason is null ? null : $"The members of the cluster cannot be read: {reason}";
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<string?> AskAsync(IClusteringHealth asked, CancellationToken stoppingToken)
    {
        try
        {
            await asked.AskAsync(stoppingToken).WaitAsync(AnswerWithin, time, stoppingToken);
            return null;
        }
        catch (TimeoutException)
        {
            return $"There was no answer within {AnswerWithin.TotalSeconds} s.";
        }
#pragma warning disable CA1031 // Whatever it is, they were not read; it must not end a silo that can serve.
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return e.Message;
        }
    }
}
