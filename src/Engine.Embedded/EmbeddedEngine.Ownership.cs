using Elasticity.EventStore;

namespace Elasticity.Engine.Embedded;

/// <summary>One owner at a time, and a warm standby.</summary>
public sealed partial class EmbeddedEngine
{
    /// <summary>Renewals in the time after which a standby may take over: one or two may be lost.</summary>
    private const int RenewalsPerTimeout = 5;

    private async Task OwnAsync(Pump pump)
    {
        if (_store is not IOwnedEventStore owned)
        {
            return;
        }

        bool isToldOnce = false;
        while (true)
        {
            TimeSpan askedAt = pump.Monotonic();
            OwnershipClaim claim = await owned.TryClaimAsync(_options.Owner, _stop.Token).ConfigureAwait(false);
            if (claim.IsMine)
            {
                pump.Owned(askedAt);
                return;
            }

            if (!isToldOnce)
            {
                isToldOnce = true;
                _absence = new EngineUnavailableException(
                    "engine-standby", $"This server stands by: {claim.Owner} owns the database.");
                _state = "standby";
                _firstVerdict.TrySetResult();
                Log.StandingBy(_log, claim.Owner, claim.RenewedAgo.TotalSeconds);
            }

            await Task.Delay(_options.StandbyInterval, _time, _stop.Token).ConfigureAwait(false);
        }
    }

    private async Task RenewAsync(Pump pump, CancellationToken cancellationToken)
    {
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
                if (!await pump.RenewAsync(owned, cancellationToken).ConfigureAwait(false))
                {
                    pump.Fail(Pump.Succeeded());
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Served to the end.
        }
        catch (EventStoreException e)
        {
            pump.Fail(e);
        }
    }

    private async ValueTask ReleaseAsync()
    {
        if (_store is IOwnedEventStore owned)
        {
            try
            {
                await owned.ReleaseAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (EventStoreException)
            {
                // The store is gone: the standby takes over when the renewal is old enough.
            }
        }
    }
}
