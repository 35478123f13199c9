using System.Runtime.ExceptionServices;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.Simulator.Checks;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator.Cluster;

/// <summary>A silo: a process with a front, activations of grains and a connection to the store.</summary>
internal sealed class SiloProcess : Host
{
    private readonly Agenda _agenda;
    private readonly SimCluster _cluster;
    private readonly Disk _disk;
    private readonly FaultBox _faults;
    private readonly Dictionary<GrainId, Grain> _grains = [];
    private readonly Dictionary<GrainId, Task<Grain>> _activations = [];
    private TimeSpan _startedAt;
    private Front _front = null!;

    public SiloProcess(
        string name, Agenda agenda, Disk disk, FaultBox faults, Plan plan, Watch watch, SimCluster cluster)
        : base(name, agenda, faults, watch)
    {
        _agenda = agenda;
        _disk = disk;
        _faults = faults;
        _cluster = cluster;
        Plan = plan;
    }

    public Plan Plan { get; }

    public SimCluster Cluster => _cluster;

    public override bool IsServing => IsAlive;

    /// <summary>Which life of the silo: others know it by that.</summary>
    public int Generation => Incarnation;

    public SiloStore Store { get; private set; } = null!;

    /// <summary>What gives commands to tasks here; it lives as long as the process.</summary>
    public SimDesk Desk { get; private set; } = null!;

    public Chance Dice => Chance;

    /// <summary>The clocks as the code in this silo sees them.</summary>
    public DateTimeOffset Utc => Clock.Utc;

    public TimeSpan Monotonic => Clock.Monotonic - _startedAt;

    public IReadOnlyCollection<Grain> Grains => _grains.Values;

    /// <summary>Sets the instant of a command, and its chance.</summary>
    public TaskCommand Stamp(TaskCommand command) => command.At(Utc, Dice.Unit);

    /// <inheritdoc/>
    public override bool Stop()
    {
        if (!IsAlive)
        {
            return false;
        }

        Watch.Note($"{Name} stops");
        foreach (Grain grain in _grains.Values.ToArray())
        {
            grain.Deactivate();
        }

        _cluster.Left(this);
        End();
        return true;
    }

    /// <inheritdoc/>
    public override bool Freeze(TimeSpan length)
    {
        bool lives = base.Freeze(length);
        _cluster.Froze(this, FrozenUntil);
        return lives;
    }

    /// <inheritdoc/>
    public override bool FillStore(TimeSpan length)
    {
        Store?.Fill(length);
        return IsAlive;
    }

    /// <inheritdoc/>
    public override void HangUp(Call call) => Soon(() => Run(() => _front.HangUpAsync(call)));

    /// <inheritdoc/>
    public override void Trim(JobId job) => Soon(() => Run(() => _front.TrimAsync(job)));

    /// <summary>Runs something that nobody waits for.</summary>
    public void Run(Func<Task> what)
    {
        _ = GoAsync();

        async Task GoAsync()
        {
            try
            {
                await what();
            }
            catch (Exception e) when (Grain.IsTrouble(e))
            {
                // Nobody waits for it.
            }
#pragma warning disable CA1031 // anything else is a bug, and must not get lost in a task
            catch (Exception e)
#pragma warning restore CA1031
            {
                Crash(e);
            }
        }
    }

    /// <summary>A bug of the code that is simulated: ends the run with it.</summary>
    public void Crash(Exception e) => _agenda.At(_agenda.Now, ExceptionDispatchInfo.Capture(e).Throw);

    /// <summary>Waits. Whoever dies meanwhile does not go on.</summary>
    public Task DelayAsync(TimeSpan delay)
    {
        TaskCompletionSource done = new();
        Later(_agenda.Now + delay, () => done.TrySetResult());
        return done.Task;
    }

    /// <summary>The activation of a grain in this silo; it comes up when it is not there.</summary>
    public Task<Grain> ActivationAsync(GrainId id)
    {
        if (_activations.TryGetValue(id, out Task<Grain>? known))
        {
            return known;
        }

        Task<Grain> activation = ActivateAsync(id);
        if (!activation.IsCompleted)
        {
            _activations[id] = activation; // Whoever calls meanwhile waits for the same.
        }

        return activation;
    }

    /// <summary>Whether a grain is here, or coming up.</summary>
    public bool Has(GrainId id) => _activations.ContainsKey(id);

    /// <summary>An activation leaves this silo.</summary>
    public void Forget(GrainId id)
    {
        if (_grains.Remove(id, out Grain? grain))
        {
            grain.Deactivate();
        }

        _activations.Remove(id);
    }

    /// <inheritdoc/>
    protected override void Begin()
    {
        _startedAt = Clock.Monotonic;
        Store = new SiloStore(this, _agenda, _disk, _faults);
        Desk = new SimDesk(this);
        _front = new Front(this);
        ServingSince = _agenda.Now;
        _cluster.Joined(this);
    }

    /// <inheritdoc/>
    protected override void Serve(Call call)
    {
        Watch.Asked(this, call.Input);
        Run(() => AnswerAsync(call));
    }

    /// <inheritdoc/>
    protected override void Drop()
    {
        _cluster.Died(this, Incarnation - 1);
        _grains.Clear();
        _activations.Clear();
    }

    private async Task AnswerAsync(Call call)
    {
        object answer;
        try
        {
            answer = await _front.ServeAsync(call);
        }
        catch (Exception e) when (Grain.IsTrouble(e))
        {
            call.Fail("engine-unreachable");
            return;
        }

        Watch.Answering(this, TimeSpan.MaxValue, call, answer);
        call.Answer(answer);
    }

    private async Task<Grain> ActivateAsync(GrainId id)
    {
        Grain grain = id.Kind switch
        {
            GrainKind.Job => new JobGrain(this, id.Key),
            GrainKind.Task => new TaskGrain(this, id.Key),
            GrainKind.Agent => new AgentGrain(this, id.Key),
            GrainKind.Queue => new QueueGrain(this, id.Key),
            _ => new SupervisorGrain(this, id.Key),
        };
        try
        {
            await grain.ActivateAsync();
        }
        catch (Exception e) when (Grain.IsTrouble(e))
        {
            _activations.Remove(id);
            throw;
        }

        _grains[id] = grain;
        _activations[id] = Task.FromResult(grain);
        return grain;
    }
}
