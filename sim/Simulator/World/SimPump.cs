using Elasticity.Domain;
using Elasticity.Engine.Embedded;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;
using Elasticity.Simulator.Checks;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.World;

/// <summary>
/// What the engine's <c>Pump</c> does with threads, done in virtual time: it steps the core, hands over one batch after
/// the other, and lets answers and loads go when the batch that they are in is durable. Keep it next to
/// <c>src/Engine.Embedded/Pump.cs</c> when you change either.
/// </summary>
internal sealed class SimPump
{
    private readonly EngineProcess _process;
    private readonly StoreLink _store;
    private readonly EngineOptions _options;
    private readonly Loader _loader;
    private readonly EngineCore _core;
    private readonly TimeSpan _start;
    private readonly Chance _chance;
    private readonly HashSet<Call> _calls = [];

    private Origin? _origin;
    private List<Call> _inbox = [];
    private List<CoreInput> _loaded = [];
    private CoreBatch _pending = new();
    private bool _isFlushing;
    private bool _isStopping;
    private string? _failure;
    private TimeSpan _ownedAt;
    private TimeSpan _turnAt = TimeSpan.MaxValue;

    public SimPump(EngineProcess process, StoreLink store, EngineOptions options, Chance chance)
    {
        _process = process;
        _store = store;
        _options = options;
        _chance = chance;
        _loader = new Loader(store.NewReader());
        _start = process.Clock.Monotonic;
        _ownedAt = _start;
        _core = new EngineCore(options.Core, store.ShardCount, chance.Unit);
    }

    public Guid LastBatch { get; private set; }

    /// <summary>On purpose: see <see cref="Flaw.AnswersEarly"/>.</summary>
    public bool AnswersEarly { get; init; }

    public EngineCore Core => _core;

    /// <summary>Its life is over.</summary>
    public bool IsFailed => _failure is not null;

    /// <summary>Nobody else owns the store.</summary>
    public bool IsOwner => _store.IsOwner;

    /// <summary>Since when somebody else owns the store; the end of time while nobody does.</summary>
    public TimeSpan SucceededAt => _store.SucceededAt;

    public bool IsIdle => _inbox.Count == 0 && _loaded.Count == 0 && _pending.IsEmpty && !_isFlushing;

    /// <summary>Recovers from the log and starts serving.</summary>
    public void Start(bool isFormerProcessDead)
    {
        _origin = new Origin(_process.Name, _process.TrueTime, _process.Clock.Utc);
        Now(_loader.RestoreAsync(_core, CancellationToken.None));
        _core.Begin(_process.Clock.Read(_start), isFormerProcessDead, _pending);
        Nudge();
    }

    /// <summary>The store says that it is owned.</summary>
    public void Owned() => _ownedAt = _process.Clock.Monotonic;

    public void Ask(Call call)
    {
        _calls.Add(call);
        if (_inbox.Count >= _options.InboxMax)
        {
            Over(call).Fail("engine-overloaded");
        }
        else if (_failure is { } failure)
        {
            Over(call).Fail(failure);
        }
        else
        {
            _inbox.Add(call);
            Nudge();
        }
    }

    /// <summary>Tells the core something that is not answered.</summary>
    public void Tell(CoreInput input)
    {
        _loaded.Add(input);
        Nudge();
    }

    /// <summary>The caller hung up.</summary>
    public void Abandon(Call call)
    {
        if (call.Input is CoreInput.Lease)
        {
            Tell(new CoreInput.AbandonLease(call));
        }
    }

    /// <summary>Stops: what was decided is made durable and answered, the rest is refused.</summary>
    public void Stop()
    {
        _isStopping = true;
        Nudge();
    }

    /// <summary>Ends this life of the core: everybody who waits is told.</summary>
    public void Fail(string reason)
    {
        if (_failure is null)
        {
            _failure = reason;
            Call[] calls = [.. _calls];
            _calls.Clear();
            foreach (Call call in calls)
            {
                call.Fail(reason);
            }

            if (!_isFlushing && _origin is not null)
            {
                _process.PumpEnded(this, reason);
            }
        }
    }

    private bool IsPendingFull =>
        _pending.EventCount >= _options.BatchEventsMax || _pending.ByteCount >= _options.BatchBytesMax;

    /// <summary>Takes a turn soon: a thread does not wake up at once.</summary>
    private void Nudge() => TurnAt(_process.TrueTime + _chance.Seconds(0, 0.002));

    private void TurnAt(TimeSpan when)
    {
        if (when < _turnAt)
        {
            _turnAt = when;
            _process.Later(when, () =>
            {
                if (_turnAt == when)
                {
                    _turnAt = TimeSpan.MaxValue;
                    Turn();
                }
            });
        }
    }

    private void Turn()
    {
        if (_failure is not null)
        {
            return;
        }

        if (_isStopping)
        {
            Flush();
            if (!_isFlushing && _pending.IsEmpty)
            {
                Fail("engine-stopping");
            }

            return; // The end of the append under way nudges.
        }

        if (!IsPendingFull)
        {
            StepOnce();
        }

        Flush();
        if (!IsPendingFull)
        {
            TurnAt(_process.TrueTimeOf(_core.NextWake + _start));
        }
    }

    private void StepOnce()
    {
        List<CoreInput> inputs = _loaded;
        inputs.AddRange(_inbox.Select(c => c.Input));
        (_loaded, _inbox) = ([], []);
        _process.Watch.Stepping(_process, inputs);
        Instant now = _process.Clock.Read(_start);
        _process.Watch.Waited(_process, now.Monotonic - _core.NextWake);
        _core.Step(now, inputs, _pending);
    }

    /// <summary>Hands the pending batch over as soon as the one before it is durable.</summary>
    private void Flush()
    {
        if (_isFlushing || _pending.IsEmpty)
        {
            return;
        }

        CoreBatch batch = _pending;
        _pending = new CoreBatch();
        if (batch.HasNoEvents)
        {
            ConfirmOwnership(batch);
            return;
        }

        _isFlushing = true;
        TimeSpan askedAt = _process.Clock.Monotonic;
        LastBatch = _process.NewId();
        if (AnswersEarly)
        {
            Release(batch);
        }

        _store.Append(
            _origin!,
            batch.ToAppend(LastBatch),
            (result, failure) => _process.Soon(() =>
            {
                _ownedAt = result is AppendResult.Appended ? askedAt : _ownedAt;
                Flushed(batch, result, failure);
            }));
    }

    /// <summary>Who stood still for a while asks whether it still owns the store before it answers.</summary>
    private void ConfirmOwnership(CoreBatch batch)
    {
        if (!_store.IsShared || _process.Clock.Monotonic - _ownedAt <= Disk.OwnershipTimeout / 2)
        {
            Release(batch);
            return;
        }

        _isFlushing = true;
        _process.Later(_process.TrueTime + _chance.Seconds(0, 0.02), () =>
        {
            try
            {
                bool isMine = _store.TryRenew();
                Flushed(batch, isMine ? AppendResult.Appended.Instance : new AppendResult.Fenced(string.Empty), null);
            }
            catch (EventStoreException e)
            {
                Flushed(batch, null, e);
            }
        });
    }

    private void Flushed(CoreBatch batch, AppendResult? result, EventStoreException? failure)
    {
        _isFlushing = false;
        if (_failure is { } reason)
        {
            _process.PumpEnded(this, reason); // It ended while the append was under way.
            return;
        }

        switch (result)
        {
            case null: Fail(failure!.Code); break;
            case AppendResult.Appended: ReleaseOnce(batch); break;
            case AppendResult.Conflict c:
                throw new Violation("one-writer", c.Stream.Value, "somebody else wrote to it, and nobody else may");
            case AppendResult.Fenced: Fail("engine-standby"); break;
        }
    }

    private void ReleaseOnce(CoreBatch batch)
    {
        if (!AnswersEarly || batch.HasNoEvents)
        {
            Release(batch);
        }
    }

    /// <summary>Everything before is durable: the answers go out, the loads are read.</summary>
    private void Release(CoreBatch batch)
    {
        foreach ((object caller, object answer) in batch.Answers)
        {
            _process.Watch.Answering(_process, SucceededAt, (Call)caller, answer);
            Over((Call)caller).Answer(answer);
        }

        foreach (CoreLoad load in batch.Loads)
        {
            TimeSpan late = _store.IsLoadSlow() ? _chance.Seconds(0.2, 5) : TimeSpan.Zero;
            _process.Later(_process.TrueTime + late + _chance.Seconds(0, 0.01), () => Load(load));
        }

        Nudge();
    }

    private void Load(CoreLoad load)
    {
        if (_failure is not null)
        {
            return;
        }

        try
        {
            CoreInput loaded = Now(_loader.LoadAsync(load, CancellationToken.None));
            _process.Later(_process.TrueTime + _chance.Seconds(0, 0.01), () => Tell(loaded));
        }
        catch (EventStoreException e)
        {
            Require(e.Code != "store-corrupt", "chain-whole", _process.Name, $"{load}: {e.Message}");
            Fail(e.Code);
        }
    }

    private Call Over(Call call)
    {
        _calls.Remove(call);
        return call;
    }

    /// <summary>The simulated store answers at once; virtual time passes elsewhere.</summary>
    private static T Now<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();

    private static void Now(ValueTask task) => task.AsTask().GetAwaiter().GetResult();
}
