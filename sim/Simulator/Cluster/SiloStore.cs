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
    public IEventStore Reader => field ??= new FlakyReader(disk.Store, MayFail);

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
        TimeSpan write = faults.Is(Fault.StoreSlow, _chance) ? _chance.Seconds(0.5, 30) : _chance.Seconds(0.0005, 0.02);
        if (agenda.Now < _fullUntil)
        {
            Fail("store-full", isUnknown: false);
        }
        else if (faults.Is(Fault.StoreFails, _chance))
        {
            Fail("store-unavailable", isUnknown: false);
        }
        else if (faults.Is(Fault.StoreUnknownLost, _chance))
        {
            Fail("store-unavailable", isUnknown: true);
        }
        else if (faults.Is(Fault.StoreUnknownLate, _chance))
        {
            Fail("store-unavailable", isUnknown: true);
            agenda.After(write + _chance.Seconds(0.01, 10), () => disk.Write(_origin, batch, epoch: 0));
        }
        else if (faults.Is(Fault.StoreUnknownWritten, _chance))
        {
            agenda.After(write, () => disk.Write(_origin, batch, epoch: 0));
            Fail("store-unavailable", isUnknown: true);
        }
        else
        {
            agenda.After(write, () =>
            {
                AppendResult result = disk.Write(_origin, batch, epoch: 0);
                silo.Later(agenda.Now + _chance.Seconds(0, 0.005), () => done.TrySetResult(result));
            });
        }

        return done.Task;

        void Fail(string code, bool isUnknown) => silo.Later(
            agenda.Now + write + TimeSpan.FromMilliseconds(1), () => done.TrySetException(Failure(code, isUnknown)));
    }

    /// <summary>Puts a tombstone in the place of streams.</summary>
    public async Task<AppendResult> TrimAsync(IReadOnlyList<StreamInfo> streams, AppendBatch tombstone)
    {
        await silo.DelayAsync(_chance.Seconds(0.0005, 0.02));
        if (agenda.Now < _fullUntil || faults.Is(Fault.StoreFails, _chance))
        {
            throw Failure("store-unavailable", isUnknown: false);
        }

        AppendResult result = disk.Trim(streams, tombstone, epoch: 0);
        await silo.DelayAsync(_chance.Seconds(0, 0.005));
        return result;
    }

    private void MayFail()
    {
        if (faults.Is(Fault.StoreReadFails, silo.Dice))
        {
            throw Failure("store-unavailable", isUnknown: false);
        }
    }

    private static EventStoreException Failure(string code, bool isUnknown) =>
        new(code, "The simulated store failed.", isTransient: true, isOutcomeUnknown: isUnknown);
}
