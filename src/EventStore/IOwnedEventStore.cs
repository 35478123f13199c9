namespace Elasticity.EventStore;

/// <summary>A store that several processes can reach, of which one may write: the embedded engine's fence.</summary>
/// <remarks>
/// Ownership is a row with an epoch. Every commit begins by renewing the row where the epoch is mine; no row, no commit
/// (<see cref="AppendResult.Fenced"/>). A standby raises the epoch when the renewal is older than
/// <see cref="OwnershipTimeout"/> by the database's clock, and only then reads: a former owner that wakes up cannot
/// write any more.
/// </remarks>
public interface IOwnedEventStore : IEventStore
{
    /// <summary>The age of a renewal from which a standby may take over. Default: 5 seconds.</summary>
    TimeSpan OwnershipTimeout { get; }

    /// <summary>Tries to become the owner. Nothing may be read for deciding before this has said true.</summary>
    /// <param name="owner">Who asks, in words for a human: host and process id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether this process owns the store now, and who does otherwise.</returns>
    ValueTask<OwnershipClaim> TryClaimAsync(string owner, CancellationToken cancellationToken);

    /// <summary>Renews the ownership while nothing is appended; to be called every fifth of
    /// <see cref="OwnershipTimeout"/>.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>False when another process has raised the epoch: step down.</returns>
    ValueTask<bool> RenewAsync(CancellationToken cancellationToken);

    /// <summary>Gives the ownership up, so that a standby takes over at once. Harmless when it was lost
    /// before.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>When done.</returns>
    ValueTask ReleaseAsync(CancellationToken cancellationToken);

    /// <summary>Tells how far <see cref="IEventStore.ReadLogAsync"/> is behind what is stored.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The lag.</returns>
    ValueTask<LogLag> ReadLogLagAsync(CancellationToken cancellationToken);
}

/// <summary>The answer to a claim.</summary>
/// <param name="IsMine">Whether the caller owns the store now.</param>
/// <param name="Owner">The owner, in words for a human.</param>
/// <param name="RenewedAgo">How long ago the owner last renewed, by the database's clock.</param>
public sealed record OwnershipClaim(bool IsMine, string Owner, TimeSpan RenewedAgo);
