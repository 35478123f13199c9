using Elasticity.EventStore;
using Elasticity.Simulator.Checks;

namespace Elasticity.Simulator.World;

/// <summary>What is durable: nothing that happens in this world takes it back. Also the row that says who owns a shared
/// store.</summary>
internal sealed class Disk(
    Agenda agenda,
    bool isShared,
    Action<Origin, AppendBatch> written,
    Action<IReadOnlyList<StreamInfo>, AppendBatch> trimmed)
{
    /// <summary>The age of a renewal from which another may take over.</summary>
    public static readonly TimeSpan OwnershipTimeout = TimeSpan.FromSeconds(5);

    private int _epoch;
    private TimeSpan _renewedAt = -OwnershipTimeout;
    private string _owner = "nobody";

    public InMemoryEventStore Store { get; } = new(shardCount: 4);

    public bool IsShared => isShared;

    public int Epoch => _epoch;

    /// <summary>When the store changed hands last.</summary>
    public TimeSpan ClaimedAt { get; private set; }

    /// <summary>Makes a batch durable, or says why not.</summary>
    public AppendResult Write(Origin origin, AppendBatch batch, int epoch)
    {
        if (isShared && epoch != _epoch)
        {
            return new AppendResult.Fenced(_owner);
        }

        _renewedAt = agenda.Now;
        AppendResult result = Store.AppendAsync(batch, CancellationToken.None).AsTask().Result;
        if (result is AppendResult.Appended)
        {
            written(origin, batch);
        }

        return result;
    }

    /// <summary>Removes streams, and puts a tombstone in their place.</summary>
    public AppendResult Trim(IReadOnlyList<StreamInfo> streams, AppendBatch tombstone, int epoch)
    {
        if (isShared && epoch != _epoch)
        {
            return new AppendResult.Fenced(_owner);
        }

        AppendResult result = Store.TrimAsync(streams, tombstone, CancellationToken.None).AsTask().Result;
        if (result is AppendResult.Appended)
        {
            trimmed(streams, tombstone);
        }

        return result;
    }

    public bool Holds(Guid batch) => Store.WasAppendedAsync(batch, CancellationToken.None).AsTask().Result;

    /// <summary>Takes the store over when its owner was silent for too long.</summary>
    /// <returns>The epoch of the new owner; null when somebody else owns it.</returns>
    public int? TryClaim(string owner, int? mine)
    {
        if (mine == _epoch)
        {
            _renewedAt = agenda.Now;
            return _epoch;
        }

        if (isShared && _renewedAt > agenda.Now - OwnershipTimeout)
        {
            return null;
        }

        (_owner, _renewedAt, ClaimedAt) = (owner, agenda.Now, agenda.Now);
        return ++_epoch;
    }

    public bool TryRenew(int epoch)
    {
        if (epoch != _epoch)
        {
            return false;
        }

        _renewedAt = agenda.Now;
        return true;
    }

    public void Release(int epoch)
    {
        if (epoch == _epoch)
        {
            _epoch++;
            _renewedAt = agenda.Now - OwnershipTimeout;
        }
    }
}
