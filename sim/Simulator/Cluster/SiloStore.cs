using Elasticity.EventStore;
using Elasticity.Simulator.Checks;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator.Cluster;

/// <summary>The store as a silo sees it: a database of its own, which many write to. Slow, failing, and sometimes
/// silent about what became of an append. What was sent arrives there, also when the silo has died.</summary>
internal sealed class SiloStore(SiloProcess silo, Agenda agenda, Disk disk, FaultBox faults)
{
    private readonly Chance _chance = faults.ChanceOf($"store/{silo.Name}.{silo.Generation}");
    private readonly Origin _origin = new(silo.Name, silo.TrueTime, silo.Clock.Utc);
    private TimeSpan _fullUntil = TimeSpan.MinValue;

    public int ShardCount => disk.Store.ShardCount;

    /// <summary>Reads at the moment that it is asked.</summary>
    public IEventStore Reader => field ??= new FlakyReader(disk.Store, faults.PageMax, MayFail);

    /// <summary>A read takes a moment, before and after what is read is read.</summary>
    public async Task<T> ReadAsync<T>(Func<IEventStore, ValueTask<T>> read)
    {
        await silo.DelayAsync(_chance.Seconds(0.0002, 0.005));
        T result = await read(Reader);
        await silo.DelayAsync(_chance.Seconds(0.0002, 0.005));
        return result;
    }

    /// <summary>Whether a batch is in the store.</summary>
    /// <exception cref="EventStoreException">It cannot be read.</exception>
    public async Task<bool> HoldsAsync(Guid batch)
    {
        await silo.DelayAsync(_chance.Seconds(0.0002, 0.005));
        MayFail();
        bool holds = disk.Holds(batch);
        await silo.DelayAsync(_chance.Seconds(0.0002, 0.005));
        return holds;
    }

    /// <summary>The store takes nothing for a while.</summary>
    public void Fill(TimeSpan length) => _fullUntil = agenda.Now + length;

    /// <summary>Appends.</summary>
    /// <exception cref="EventStoreException">It failed, perhaps with an unknown outcome.</exception>
    public Task<AppendResult> AppendAsync(AppendBatch batch)
    {
        TaskCompletionSource<AppendResult> done = new();
        AppendFate fate = AppendFate.Draw(faults, _chance, agenda.Now < _fullUntil);
        if (fate.WrittenAfter is { } written)
        {
            agenda.After(written, () =>
            {
                AppendResult result = disk.Write(_origin, batch, epoch: 0);
                if (fate.Failure is null)
                {
                    silo.Later(agenda.Now + _chance.Seconds(0, 0.005), () => done.TrySetResult(result));
                }
            });
        }

        if (fate.Failure is { } failure)
        {
            silo.Later(agenda.Now + fate.Takes + TimeSpan.FromMilliseconds(1), () => done.TrySetException(failure));
        }

        return done.Task;
    }

    /// <summary>Puts a tombstone in the place of streams.</summary>
    public async Task<AppendResult> TrimAsync(IReadOnlyList<StreamInfo> streams, AppendBatch tombstone)
    {
        await silo.DelayAsync(_chance.Seconds(0.0005, 0.02));
        if (agenda.Now < _fullUntil || faults.Is(Fault.StoreFails, _chance))
        {
            throw AppendFate.Unavailable();
        }

        AppendResult result = disk.Trim(streams, tombstone, epoch: 0);
        await silo.DelayAsync(_chance.Seconds(0, 0.005));
        return result;
    }

    private void MayFail()
    {
        if (faults.Is(Fault.StoreReadFails, silo.Dice))
        {
            throw AppendFate.Unavailable();
        }
    }
}
