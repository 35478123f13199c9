using Elasticity.EventStore;

namespace Elasticity.Engine.Embedded;

/// <summary>How far readers of the log are behind what is stored. Only a store that others reach, too, can hold events
/// back.</summary>
public sealed partial class EmbeddedEngine
{
    private static readonly LagSeen NoLag = new(0, 0, TimeSpan.Zero);

    private volatile LagSeen _logLag = NoLag;

    private async Task MeasureLogLagAsync(Pump pump, CancellationToken cancellationToken)
    {
        _logLag = NoLag;
        if (_store is not IOwnedEventStore owned)
        {
            return;
        }

        try
        {
            while (true)
            {
                await Task.Delay(owned.OwnershipTimeout / RenewalsPerTimeout, _time, cancellationToken)
                    .ConfigureAwait(false);
                await MeasureLogLagOnceAsync(owned, pump, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Served to the end.
        }
    }

    private async Task MeasureLogLagOnceAsync(
        IOwnedEventStore owned, Pump pump, CancellationToken cancellationToken)
    {
        try
        {
            LogLag lag = await owned.ReadLogLagAsync(cancellationToken).ConfigureAwait(false);
            LagSeen before = _logLag;
            bool isStuck = before.Events > 0 && before.Horizon == lag.Horizon;
            _logLag = lag.Events == 0 ? NoLag
                : new LagSeen(lag.Events, lag.Horizon, isStuck ? before.Since : pump.Monotonic());
        }
        catch (EventStoreException)
        {
            // Whoever renews the ownership finds it out as well, and says so.
        }
    }

    /// <summary>Why the log is too far behind; null when it is not.</summary>
    private string? LogLagProblem(Pump pump)
    {
        LagSeen seen = _logLag;
        TimeSpan age = pump.Monotonic() - seen.Since;
        return seen.Events == 0 || age < LagMax
            ? null
            : $"The log has held {seen.Events} events back for {age.TotalSeconds:0} s: a transaction in the database "
                + "does not end.";
    }

    private sealed record LagSeen(long Events, long Horizon, TimeSpan Since);
}
