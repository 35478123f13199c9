using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.Engine.Embedded;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;
using Elasticity.Simulator.Checks;

namespace Elasticity.Simulator.World;

/// <summary>
/// A process that runs the embedded engine: what <c>EmbeddedEngine</c> does around its pump (own the store, resolve the
/// last append, recover, serve, and again), in virtual time. It can be killed, stopped and frozen.
/// </summary>
internal sealed class EngineProcess : Host
{
    private readonly Agenda _agenda;
    private readonly Disk _disk;
    private readonly FaultBox _faults;
    private readonly EngineOptions _options;
    private readonly TimeSpan _recovery;
    private readonly Flaw _flaw;

    private StoreLink _store = null!;
    private SimPump? _pump;
    private bool _isFirstLife;
    private Guid _lastBatch;
    private TimeSpan _delay;

    public EngineProcess(string name, Agenda agenda, Disk disk, FaultBox faults, Plan plan, Watch watch)
        : base(name, agenda, faults, watch)
    {
        _agenda = agenda;
        _disk = disk;
        _faults = faults;
        _options = plan.Engine;
        _recovery = plan.Recovery;
        _flaw = plan.Flaw;
    }

    /// <summary>The life that serves; null when none does.</summary>
    public SimPump? Serving { get; private set; }

    public override bool IsServing => Serving is not null;

    /// <summary>Why it does not serve.</summary>
    public string Absence { get; private set; } = "engine-starting";

    /// <inheritdoc/>
    public override bool Stop()
    {
        if (!IsAlive || Serving is not { } serving)
        {
            return false;
        }

        Watch.Note($"{Name} stops");
        Serving = null;
        Absence = "engine-stopping";
        serving.Stop();
        return true;
    }

    /// <inheritdoc/>
    public override bool FillStore(TimeSpan length)
    {
        _store?.Fill(length);
        return IsAlive;
    }

    /// <summary>The true time at which the monotonic clock shows something; a tick later, for rounding.</summary>
    public TimeSpan TrueTimeOf(TimeSpan monotonic) => Clock.TrueTimeOf(monotonic) + new TimeSpan(1);

    /// <summary>Trims a job as <c>EmbeddedEngine.TrimAsync</c> does: reserves it, removes its streams, lets it
    /// go.</summary>
    public override void Trim(JobId job)
    {
        if (Serving is not { } pump)
        {
            return;
        }

        Call call = new(new Exchange.Direct(new CoreInput.Reserve(job)), answer =>
        {
            if (answer is TrimAnswer { Tombstone: { } tombstone, Head: var head })
            {
                Later(_agenda.Now + Chance.Seconds(0, 0.05), () => Trim(pump, job, head, tombstone));
            }
        });
        call.Read();
        pump.Ask(call);
    }

    private void Trim(SimPump pump, JobId job, StreamHead head, StreamAppend tombstone)
    {
        try
        {
            List<StreamInfo> streams = JobTrimmer.StreamsOfAsync(_store.NewReader(), job, head).AsTask().Result;
            _store.Trim(streams, new AppendBatch(NewId(), [tombstone], []), Release);
        }
        catch (EventStoreException)
        {
            Release();
        }

        void Release() => Soon(() => pump.Tell(new CoreInput.Release(job)));
    }

    /// <inheritdoc/>
    public override void HangUp(Call call) => Soon(() => Serving?.Abandon(call));

    public void PumpEnded(SimPump pump, string reason)
    {
        Watch.Note($"{Name} serves no longer: {reason}");
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

    /// <inheritdoc/>
    protected override void Begin()
    {
        _store = new StoreLink(_agenda, _disk, _faults, $"{Name}.{Incarnation}");
        _isFirstLife = true;
        _lastBatch = Guid.Empty;
        _delay = _options.RecoveryDelayFirst;
        Soon(Live);
    }

    /// <inheritdoc/>
    protected override void Serve(Call call)
    {
        if (Serving is { } serving)
        {
            serving.Ask(call);
        }
        else
        {
            call.Fail(Absence);
        }
    }

    /// <inheritdoc/>
    protected override void Drop()
    {
        _pump = Serving = null;
        _store.Cut();
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

            _pump = new SimPump(this, _store, _options, Chance) { AnswersEarly = _flaw == Flaw.AnswersEarly };
            Renew(_pump); // While it reads, too: that may take longer than a standby waits.

            if (_lastBatch != Guid.Empty && _flaw != Flaw.ForgetsUnknownOutcome)
            {
                _store.WasAppended(_lastBatch);
            }
        }
        catch (EventStoreException e)
        {
            Pause(e.Code);
            return;
        }

        Later(_agenda.Now + Chance.Span(_recovery * 0.8, _recovery), Recover);
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

        Watch.Note($"{Name} serves");
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
}
