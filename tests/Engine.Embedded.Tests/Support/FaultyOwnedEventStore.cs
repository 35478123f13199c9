using Elasticity.EventStore;

namespace Elasticity.Engine.Embedded.Tests.Support;

/// <summary>The same for a store that several processes can reach.</summary>
internal sealed class FaultyOwnedEventStore(IOwnedEventStore inner) : FaultyEventStore(inner), IOwnedEventStore
{
    public TimeSpan OwnershipTimeout => inner.OwnershipTimeout;

    public ValueTask<OwnershipClaim> TryClaimAsync(string owner, CancellationToken cancellationToken)
    {
        Enter();
        return inner.TryClaimAsync(owner, cancellationToken);
    }

    public ValueTask<bool> RenewAsync(CancellationToken cancellationToken)
    {
        Enter();
        return inner.RenewAsync(cancellationToken);
    }

    public ValueTask<LogLag> ReadLogLagAsync(CancellationToken cancellationToken)
    {
        Enter();
        return inner.ReadLogLagAsync(cancellationToken);
    }

    public ValueTask ReleaseAsync(CancellationToken cancellationToken)
    {
        Enter();
        return inner.ReleaseAsync(cancellationToken);
    }
}
