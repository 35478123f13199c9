using Elasticity.EventStore;

namespace Elasticity.Engine.Embedded;

/// <summary>How far readers of the log are behind what is stored. Only a store that others reach, too, can hold events
/// back.</summary>
public sealed partial class EmbeddedEngine
{
    private volatile LogLagSeen _logLag = LogLagSeen.None;

    private async Task MeasureLogLagAsync(Pump pump, CancellationToken cancellationToken)
    {
        _logLag = LogLagSeen.None;
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
            _logLag = _logLag.After(lag, pump.Monotonic());
        }
        catch (EventStoreException)
        {
            // Whoever renews the ownership finds it out as well, and says so.
        }
    }
}
