using Elasticity.Domain;
using Elasticity.Engine.Embedded;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Elasticity.Simulator.Checks;

namespace Elasticity.Simulator.World;

/// <summary>
/// A process that runs the embedded engine: what <c>EmbeddedEngine</c> does around its pump (own the store, resolve the
/// last append, recover, serve, and again), in virtual time. It can be killed, stopped and frozen.
/// </summary>
internal sealed class EngineProcess
{
    private readonly Agenda _agenda;
    private readonly Disk _disk;
    private readonly FaultBox _faults;
    private readonly EngineOptions _options;
    private readonly TimeSpan _recovery;
    private readonly Chance _chance;
    private readonly string _name;

    private StoreLink _store = null!;
    private SimPump? _pump;
    private bool _isFirstLife;
    private Guid _lastBatch;
    private TimeSpan _delay;
    private TimeSpan _frozenUntil;
    private int _incarnation;

    public EngineProcess(string name, Agenda agenda, Disk disk, FaultBox faults, Plan plan, Watch watch)
    {
        _name = name;
        _agenda = agenda;
        _disk = disk;
        _faults = faults;
        _options = plan.Engine;
        _recovery = plan.Recovery;
        Watch = watch;
        _chance = faults.ChanceOf($"engine/{name}");
        Clock = new HostClock(agenda, faults.Drift(_chance));
    }

    public HostClock Clock { get; }

    public Watch Watch { get; }

    public string Name => _name;

    public bool IsAlive { get; private set; }

    /// <summary>The life that serves; null when none does.</summary>
    public SimPump? Serving { get; private set; }

    /// <summary>Why it does not serve.</summary>
    public string Absence { get; private set; } = "engine-starting";

    /// <summary>Since when this life serves.</summary>
    public TimeSpan ServingSince { get; private set; }

    /// <summary>When it last stood still.</summary>
    public TimeSpan FrozenUntil => _frozenUntil;

    public TimeSpan TrueTime => _agenda.Now;

    /// <summary>What dies with the process.</summary>
    public event Action? Died;

    /// <summary>What begins with the process.</summary>
    public event Action? Born;

    public void Start()
    {
        _incarnation++;
        IsAlive = true;
        _store = new StoreLink(_agenda, _disk, _faults, $"{_name}.{_incarnation}");
        _isFirstLife = true;
        _lastBatch = Guid.Empty;
        _delay = _options.RecoveryDelayFirst;
        Soon(Live);
        Born?.Invoke();
    }

    /// <summary>Kills the process between two instructions.</summary>
    public void Kill()
    {
        if (IsAlive)
        {
            Watch.Note($"{_name} is killed");
            End();
        }
    }

    /// <summary>Stops in order; whoever started it does so again.</summary>
    public void Stop()
    {
        if (IsAlive && Serving is { } serving)
        {
            Watch.Note($"{_name} stops");
            Serving = null;
            Absence = "engine-stopping";
            serving.Stop();
        }
    }

    public void Freeze(TimeSpan length)
    {
        Watch.Note($"{_name} freezes for {length}");
        _frozenUntil = Max(_frozenUntil, _agenda.Now + length);
        Watch.Froze(this, _frozenUntil);
    }

    public void FillStore(TimeSpan length) => _store?.Fill(length);

    public void Later(TimeSpan when, Action what)
    {
        int incarnation = _incarnation;
        _agenda.At(when, Run);

        void Run()
        {
            if (incarnation != _incarnation || !IsAlive)
            {
                return;
            }

            if (_agenda.Now < _frozenUntil)
            {
                _agenda.At(_frozenUntil, Run);
                return;
            }

            what();
        }
    }

    public void Soon(Action what) => Later(_agenda.Now, what);

    public Guid NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, _chance.Next());
        BitConverter.TryWriteBytes(bytes[8..], _chance.Next());
        return new Guid(bytes);
    }

    /// <summary>The true time at which the monotonic clock shows something; a tick later, for rounding.</summary>
    public TimeSpan TrueTimeOf(TimeSpan monotonic) => Clock.TrueTimeOf(monotonic) + new TimeSpan(1);

    /// <summary>Takes a call in.</summary>
    /// <returns>False when nothing listens.</returns>
    public bool Ask(Call call)
    {
        if (!IsAlive)
        {
            return false;
        }

        call.AskedAt = _agenda.Now;
        Soon(() =>
        {
            if (Serving is { } serving)
            {
                serving.Ask(call);
            }
            else
            {
                call.Fail(Absence);
            }
        });
        return true;
    }

    /// <summary>Trims a job as <c>EmbeddedEngine.TrimAsync</c> does: reserves it, removes its streams, lets it
    /// go.</summary>
    public void Trim(JobId job)
    {
        if (Serving is not { } pump)
        {
            return;
        }

        pump.Ask(new Call(caller => new CoreInput.Reserve(job) { Caller = caller }, answer =>
        {
            if (((TrimAnswer)answer).Tombstone is { } tombstone)
            {
                Later(_agenda.Now + _chance.Seconds(0, 0.05), () => Trim(pump, job, tombstone));
            }
        }, _ => { }));
    }

    private void Trim(SimPump pump, JobId job, StreamAppend tombstone)
    {
        try
        {
            IEventStore reader = _store.NewReader();
            StreamId stream = StreamNames.Of(job);
            StreamHead head = reader.ReadHeadAsync(stream, CancellationToken.None).AsTask().Result;
            IReadOnlyList<StreamInfo> tasks = reader.ListStreamsAsync(
                StreamNames.TasksOf(job), null, 10_000, CancellationToken.None).AsTask().Result;
            AppendBatch batch = new(NewId(), [tombstone], []);
            _store.Trim([new StreamInfo(stream, head, IsOpen: false), .. tasks], batch, Release);
        }
        catch (EventStoreException)
        {
            Release();
        }

        void Release() => Soon(() => pump.Tell(new CoreInput.Release(job)));
    }

    public void HangUp(Call call) => Soon(() => Serving?.Abandon(call));

    public void PumpEnded(SimPump pump, string reason)
    {
        Watch.Note($"{_name} serves no longer: {reason}");
        _lastBatch = pump.LastBatch == Guid.Empty ? _lastBatch : pump.LastBatch;
        _pump = Serving = null;
        if (reason == "engine-stopping")
        {
            _store.Release();
            End();
        }
        else
        {
            Pause(reason);
        }
    }

    private void Live()
    {
        try
        {
            if (_disk.IsShared && !_store.TryClaim())
            {
                Absence = "engine-standby";
                Later(_agenda.Now + _options.StandbyInterval, Live);
                return;
            }

            _pump = new SimPump(this, _store, _options, _chance);
            Renew(_pump); // While it reads, too: that may take longer than a standby waits.

            if (_lastBatch != Guid.Empty)
            {
                _store.WasAppended(_lastBatch);
            }
        }
        catch (EventStoreException e)
        {
            Pause(e.Code);
            return;
        }

        Later(_agenda.Now + _chance.Span(_recovery * 0.8, _recovery), Recover);
    }

    private void Recover()
    {
        if (_pump is not { IsFailed: false } pump)
        {
            Pause("engine-standby");
            return;
        }

        try
        {
            pump.Start(_isFirstLife && !_disk.IsShared);
        }
        catch (EventStoreException e)
        {
            _pump = null;
            Pause(e.Code);
            return;
        }

        Watch.Note($"{_name} serves");
        _isFirstLife = false;
        _delay = _options.RecoveryDelayFirst;
        Serving = pump;
        ServingSince = _agenda.Now;
    }

    private void Renew(SimPump pump) => Later(_agenda.Now + (Disk.OwnershipTimeout / 5), () =>
    {
        if (_pump != pump || !_disk.IsShared)
        {
            return;
        }

        try
        {
            if (!_store.TryRenew())
            {
                pump.Fail("engine-standby");
                return;
            }

            pump.Owned();
        }
        catch (EventStoreException e)
        {
            pump.Fail(e.Code);
            return;
        }

        Renew(pump);
    });

    private void Pause(string reason)
    {
        Absence = reason;
        Later(_agenda.Now + _delay, Live);
        _delay = _delay * 2 < _options.RecoveryDelayMax ? _delay * 2 : _options.RecoveryDelayMax;
    }

    private void End()
    {
        IsAlive = false;
        _incarnation++;
        _pump = Serving = null;
        _store.Cut();
        Died?.Invoke();
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
