using Elasticity.EventStore;
using Elasticity.Simulator.Checks;

namespace Elasticity.Simulator.World;

/// <summary>The store as one process sees it: slow, failing, and sometimes silent about what became of an
/// append.</summary>
internal sealed class StoreLink(Agenda agenda, Disk disk, FaultBox faults, string owner)
{
    private readonly Chance _chance = faults.ChanceOf($"store/{owner}");
    private TimeSpan _fullUntil = TimeSpan.MinValue;
    private int? _epoch;
    private Underway? _underway;
    private bool _isCut;

    public bool IsShared => disk.IsShared;

    public bool IsOwner => !disk.IsShared || disk.Epoch == _epoch;

    /// <summary>Since when somebody else owns the store; the end of time while nobody does.</summary>
    public TimeSpan SucceededAt => IsOwner ? TimeSpan.MaxValue : disk.ClaimedAt;

    public int ShardCount => disk.Store.ShardCount;

    /// <summary>What the engine's own loader reads from.</summary>
    public IEventStore NewReader() => new FlakyReader(disk.Store, faults.PageMax, MayFail);

    /// <summary>Whether what is asked for now comes late.</summary>
    public bool IsLoadSlow() => faults.Is(Fault.LoadSlow, _chance);

    /// <summary>Appends; says how it ended when the caller can know it.</summary>
    public void Append(Origin origin, AppendBatch batch, Action<AppendResult?, EventStoreException?> done)
    {
        Underway append = new(origin, batch, _epoch ?? 0, done);
        _underway = append;
        AppendFate fate = AppendFate.Draw(faults, _chance, agenda.Now < _fullUntil);
        if (fate.WrittenAfter is { } written)
        {
            agenda.After(written, () => Write(append));
        }

        TimeSpan told = fate.IsWrittenInTime ? fate.Takes + _chance.Seconds(0, 0.005) : fate.Takes;
        agenda.After(told, () =>
        {
            // What was made void meanwhile has no end.
            if (!fate.IsWrittenInTime || append.Result is not null)
            {
                End(append, fate.Failure is null ? append.Result : null, fate.Failure);
            }
        });
    }

    /// <summary>Trims; the outcome of a trim that failed is unknown.</summary>
    public void Trim(IReadOnlyList<StreamInfo> streams, AppendBatch tombstone, Action done)
    {
        int epoch = _epoch ?? 0;
        bool isLost = agenda.Now < _fullUntil || faults.Is(Fault.StoreFails, _chance)
            || faults.Is(Fault.StoreUnknownLost, _chance);
        agenda.After(_chance.Seconds(0.0005, 0.05), () =>
        {
            if (!isLost && !_isCut)
            {
                disk.Trim(streams, tombstone, epoch);
            }

            done();
        });
    }

    /// <summary>Resolves an append whose outcome is unknown: what is not written now never will be.</summary>
    public bool WasAppended(Guid batch)
    {
        MayFail();
        if (_underway is { } append && append.Batch.Id == batch && append.Result is null && !append.IsVoid
            && _chance.Is(0.5))
        {
            Write(append); // It was on its way, and comes first.
        }

        if (_underway is not null)
        {
            _underway.IsVoid = true;
        }

        return disk.Holds(batch);
    }

    /// <summary>The process died. What it sent to a database of its own may still arrive there; a file is closed with
    /// the process.</summary>
    public void Cut()
    {
        _isCut = true;
        if (_underway is { } append)
        {
            append.IsCut = true;
            append.IsVoid |= !disk.IsShared;
        }
    }

    /// <summary>The store takes nothing for a while.</summary>
    public void Fill(TimeSpan length) => _fullUntil = agenda.Now + length;

    public bool TryClaim()
    {
        MayFail();
        int? epoch = disk.TryClaim(owner, _epoch);
        _epoch = epoch ?? _epoch;
        return epoch is not null;
    }

    public bool TryRenew()
    {
        MayFail();
        return _epoch is { } epoch && disk.TryRenew(epoch);
    }

    public void Release() => disk.Release(_epoch ?? 0);

    private void MayFail()
    {
        if (faults.Is(Fault.StoreReadFails, _chance))
        {
            throw AppendFate.Unavailable();
        }
    }

    private void Write(Underway append)
    {
        if (!append.IsVoid && append.Result is null)
        {
            append.Result = disk.Write(append.Origin, append.Batch, append.Epoch);
        }
    }

    private static void End(Underway append, AppendResult? result, EventStoreException? failure)
    {
        if (!append.IsCut)
        {
            append.Done(result, failure);
        }
    }

    private sealed class Underway(
        Origin origin, AppendBatch batch, int epoch, Action<AppendResult?, EventStoreException?> done)
    {
        public Origin Origin => origin;

        public AppendBatch Batch => batch;

        public int Epoch => epoch;

        public Action<AppendResult?, EventStoreException?> Done => done;

        public AppendResult? Result { get; set; }

        /// <summary>It will never be written any more.</summary>
        public bool IsVoid { get; set; }

        /// <summary>Nobody waits for it any more.</summary>
        public bool IsCut { get; set; }
    }
}
