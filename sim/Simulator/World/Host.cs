using Elasticity.Domain;
using Elasticity.Simulator.Checks;

namespace Elasticity.Simulator.World;

/// <summary>A process that agents and clients talk to. It can be killed, stopped and frozen, and has clocks of its
/// own.</summary>
internal abstract class Host
{
    private readonly Agenda _agenda;
    private int _incarnation;

    protected Host(string name, Agenda agenda, FaultBox faults, Watch watch)
    {
        Name = name;
        _agenda = agenda;
        Watch = watch;
        Chance = faults.ChanceOf($"engine/{name}");
        Clock = new HostClock(agenda, faults.Drift(Chance));
    }

    public string Name { get; }

    public Watch Watch { get; }

    public HostClock Clock { get; }

    public bool IsAlive { get; private set; }

    /// <summary>Whether it takes calls in.</summary>
    public abstract bool IsServing { get; }

    /// <summary>Since when this life serves.</summary>
    public TimeSpan ServingSince { get; protected set; }

    /// <summary>When it last stood still.</summary>
    public TimeSpan FrozenUntil { get; private set; }

    public TimeSpan TrueTime => _agenda.Now;

    /// <summary>What dies with the process.</summary>
    public event Action? Died;

    /// <summary>What begins with the process.</summary>
    public event Action? Born;

    /// <summary>Which life of the process this is; odd while it lives.</summary>
    protected int Incarnation => _incarnation;

    protected Chance Chance { get; }

    public void Start()
    {
        _incarnation++;
        IsAlive = true;
        Begin();
        Born?.Invoke();
    }

    /// <summary>Kills the process between two instructions.</summary>
    /// <returns>Whether it lived.</returns>
    public bool Kill()
    {
        if (!IsAlive)
        {
            return false;
        }

        Watch.Note($"{Name} is killed");
        End();
        return true;
    }

    /// <summary>Stops in order; whoever started it does so again.</summary>
    /// <returns>Whether it was up.</returns>
    public abstract bool Stop();

    /// <returns>Whether it lives; else whatever lives before the end of it stands still.</returns>
    public virtual bool Freeze(TimeSpan length)
    {
        Watch.Note($"{Name} freezes for {length}");
        TimeSpan until = _agenda.Now + length;
        FrozenUntil = FrozenUntil > until ? FrozenUntil : until;
        Watch.Froze(this, FrozenUntil);
        return IsAlive;
    }

    /// <returns>Whether somebody is there to notice.</returns>
    public abstract bool FillStore(TimeSpan length);

    /// <summary>Takes a call in.</summary>
    /// <returns>False when nothing listens.</returns>
    public bool Ask(Call call)
    {
        if (!IsAlive)
        {
            return false;
        }

        call.AskedAt = _agenda.Now;
        call.AskedIn = Watch.Log.BatchCount;
        Soon(() =>
        {
            if (call.Read() is { } refused)
            {
                Watch.Refused(this, refused.Code);
                call.Refuse(refused);
                return;
            }

            Serve(call);
        });
        return true;
    }

    /// <summary>The caller is gone.</summary>
    public abstract void HangUp(Call call);

    /// <summary>Somebody trims a job.</summary>
    public abstract void Trim(JobId job);

    /// <summary>Does something at a time, if this is still the life it was; after it has stood still, if it does
    /// then.</summary>
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

            if (_agenda.Now < FrozenUntil)
            {
                _agenda.At(FrozenUntil, Run);
                return;
            }

            what();
        }
    }

    public void Soon(Action what) => Later(_agenda.Now, what);

    public Guid NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Chance.Next());
        BitConverter.TryWriteBytes(bytes[8..], Chance.Next());
        return new Guid(bytes);
    }

    /// <summary>A life begins.</summary>
    protected abstract void Begin();

    /// <summary>A call has come in.</summary>
    protected abstract void Serve(Call call);

    /// <summary>This life is over: what it had in memory goes.</summary>
    protected abstract void Drop();

    protected void End()
    {
        IsAlive = false;
        _incarnation++;
        Drop();
        Died?.Invoke();
    }
}
