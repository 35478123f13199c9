using System.Globalization;
using Elasticity.Agent.Sdk;
using Elasticity.Agent.Sdk.Core;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Simulator.Checks;
using Elasticity.Simulator.Edge;
using Elasticity.Simulator.World;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Actors;

/// <summary>An agent that is the core of the SDK, with simulated handlers: what <c>AgentPump</c> does around it, in
/// virtual time. It never lies; it dies, stands still, drains, and its handlers misbehave.</summary>
internal sealed class SdkAgent
{
    /// <summary>More steps in a tenth of a second mean that it turns round and round.</summary>
    private const int StepsAtOnceMax = 2_000;

    private readonly Agenda _agenda;
    private readonly FaultBox _faults;
    private readonly Plan _plan;
    private readonly Chance _chance;
    private readonly Chance _deaf;
    private readonly Chance _says;
    private readonly Wire _wire;
    private readonly IReadOnlyList<Host> _engines;
    private readonly HandlerRules _handlers;
    private readonly ApiServer _server;
    private readonly HostClock _clock;
    private readonly AgentId _id;
    private readonly AgentCoreOptions _options;
    private readonly Dictionary<long, (AgentCall Call, Action HangUp)> _underWay = [];

    private AgentCore _core = null!;
    private SdkRules _rules = null!;
    private List<AgentInput> _inputs = [];
    private int _life;
    private int _sessions;
    private int _engine;
    private TimeSpan _stepAt;
    private TimeSpan _standsUntil;

    /// <summary>When all is heard that it was to hear while it stood still: what was put off once does not come
    /// sooner because it stands still again, and for a shorter time.</summary>
    private TimeSpan _wokenAt;
    private TimeSpan _onceUntil;
    private int _stepsAtOnce;

    public SdkAgent(
        string id,
        IReadOnlyList<string> kinds,
        Agenda agenda,
        FaultBox faults,
        Plan plan,
        IReadOnlyList<Host> engines,
        HandlerRules handlers,
        bool stopsWhenUnconfirmed)
    {
        _id = new AgentId(id);
        _agenda = agenda;
        _faults = faults;
        _plan = plan;
        _engines = engines;
        _handlers = handlers;
        _chance = faults.ChanceOf($"agent/{id}");
        _deaf = faults.ChanceOf($"deaf/{id}");
        _says = faults.ChanceOf($"says/{id}");
        _wire = new Wire(agenda, faults, id, isLocal: false);
        _server = new ApiServer(plan.Engine.Core.Limits);
        _clock = new HostClock(agenda, faults.Drift(_chance));
        _options = new AgentCoreOptions
        {
            Kinds = kinds,
            Slots = _chance.Int(1, plan.SlotsMax),
            PrefetchMax = _chance.Is(0.5) ? 500 : _chance.Int(0, 3),
            CallsMax = _chance.Int(1, 3),
            LongPoll = plan.IsLong ? TimeSpan.FromSeconds(60) : _chance.Seconds(0, 20),
            CallTimeout = _chance.Seconds(1, 30),
            StopsWhenUnconfirmed = stopsWhenUnconfirmed,
        };
        if (plan.IsNewest)
        {
            // Else nearly every handler ends in time.
            Chance drain = faults.ChanceOf($"drain/{id}");
            _options = _options with
            {
                DrainTimeout = drain.Seconds(0, 5),
                CancelGrace = drain.Seconds(0.1, 3),
                CloseTimeout = drain.Seconds(0.5, 5),
            };
        }

        faults.Repeat(agenda, Fault.AgentCrashes, _chance, () => Restart(plan.Stretch(_chance.Seconds(0.05, 20))));
        faults.Repeat(agenda, Fault.AgentHangs, _chance, () =>
        {
            _standsUntil = agenda.Now + plan.Stretch(_chance.Seconds(0.5, 60));
            _wokenAt = _standsUntil > _wokenAt ? _standsUntil : _wokenAt;
            _rules?.Stands(_clock.MonotonicAt(_wokenAt));
            return _core is not null;
        });
        faults.Repeat(agenda, Fault.AgentDrains, _chance, () => Hear(new AgentInput.Drain()));
        faults.Repeat(agenda, Fault.AgentCloses, _chance, () => Hear(new AgentInput.GiveUp()));
    }

    public void Start()
    {
        _handlers.Died(_id.Value);
        _life++;
        _inputs = [];
        _underWay.Clear();
        _rules = new SdkRules(_id.Value, _options);
        _stepAt = TimeSpan.MaxValue;
        _core = new AgentCore(
            _options,
            _chance.Unit,
            () => string.Create(CultureInfo.InvariantCulture, $"session-{++_sessions}")); // As others do.
        StepAt(_agenda.Now);
    }

    /// <returns>Whether it lived.</returns>
    private bool Restart(TimeSpan after)
    {
        bool lived = _core is not null;
        _handlers.Died(_id.Value);
        _core = null!;
        int life = ++_life;
        _agenda.After(after, () =>
        {
            if (life == _life)
            {
                Start();
            }
        });
        return lived;
    }

    /// <returns>Whether it lives.</returns>
    private bool Hear(AgentInput input)
    {
        if (_core is null)
        {
            return false;
        }

        _inputs.Add(input);
        StepAt(_agenda.Now + _chance.Seconds(0, 0.001));
        return true;
    }

    private void StepAt(TimeSpan when)
    {
        if (when < _stepAt)
        {
            _stepAt = when;
            Later(when, () =>
            {
                if (_stepAt == when)
                {
                    Step();
                }
            });
        }
    }

    private void Step()
    {
        _stepAt = TimeSpan.MaxValue;
        Require(++_stepsAtOnce < StepsAtOnceMax, "agents-rest", _id.Value, $"{_stepsAtOnce} steps at once");
        if (_agenda.Now > _onceUntil)
        {
            (_stepsAtOnce, _onceUntil) = (0, _agenda.Now + TimeSpan.FromMilliseconds(100));
        }

        List<AgentInput> inputs = _inputs;
        _inputs = [];
        foreach (AgentInput input in inputs)
        {
            Note(input);
        }

        AgentOutput output = _core.Step(_clock.Monotonic, inputs);
        _rules.Stepped(_clock.Monotonic, _core, output);
        foreach (AgentLease lease in output.Starts)
        {
            Begin(lease);
        }

        foreach (AgentLease lease in output.Stops)
        {
            AskToStop(lease);
        }

        foreach (long call in output.Aborts)
        {
            if (_underWay.Remove(call, out (AgentCall, Action HangUp) aborted))
            {
                aborted.HangUp();
            }
        }

        foreach (AgentCall call in output.Calls)
        {
            Send(call);
        }

        if (output.End is not null)
        {
            Restart(_chance.Seconds(0.05, 5));
        }
        else if (output.WakeAt is { } wake)
        {
            StepAt(_clock.TrueTimeOf(wake) + new TimeSpan(1));
        }
    }

    /// <summary>Tells the rules what the core is going to hear.</summary>
    private void Note(AgentInput input)
    {
        _rules.Hears(_clock.Monotonic, input);
        if (input is AgentInput.Answered answered && _underWay.Remove(answered.Call, out var waited))
        {
            _rules.Answered(waited.Call, answered.Answer);
        }
        else if (input is AgentInput.Drain or AgentInput.GiveUp)
        {
            SdkRules rules = _rules;
            WhenDue(() => rules.StopsBy, rules.MustHaveAsked);
            WhenDue(() => rules.GivesBackBy, () => rules.MustHaveGivenBack(_core.RunningCount));
            WhenDue(() => rules.EndsBy, rules.MustBeOver);
        }
    }

    /// <summary>Looks, once a time has come, which may be put off, unless the agent stands still or has just stood
    /// still.</summary>
    private void WhenDue(Func<TimeSpan?> due, Action look)
    {
        if (due() is { } first)
        {
            At(_clock.TrueTimeOf(first) + SdkRules.Slack);
        }

        void At(TimeSpan when) => Later(when, () =>
        {
            if (_agenda.Now < _wokenAt + SdkRules.Slack)
            {
                At(_agenda.Now + SdkRules.Slack);
            }
            else if (due() is { } later && later > _clock.Monotonic)
            {
                At(_clock.TrueTimeOf(later) + SdkRules.Slack);
            }
            else
            {
                look();
            }
        });
    }

    private void Send(AgentCall call)
    {
        SdkExchange exchange = new(call, _id, _server);
        int life = _life;
        _underWay[call.Id] = (call, _wire.Ask(
            _engines[_engine], exchange, back => Come((AgentAnswer)exchange.Understand(back))));

        void Come(AgentAnswer answer)
        {
            if (answer is AgentAnswer.Lost or AgentAnswer.Refused { Status: 429 or >= 500 })
            {
                _engine = _chance.Int(0, _engines.Count - 1);
            }

            if (life == _life)
            {
                Hear(new AgentInput.Answered(call.Id, answer));
            }
        }
    }

    private void Begin(AgentLease lease)
    {
        TimeSpan work = _chance.Seconds(0, _plan.WorkMax.TotalSeconds);
        if (_faults.Is(Fault.SettledLate, _chance))
        {
            work += lease.Length * (1 + _chance.Unit());
        }

        _handlers.Started(
            _id.Value, lease.Document.Job, lease.Document.Index, lease.Document.Token, _options.StopsWhenUnconfirmed);
        if (_chance.Is(0.2))
        {
            Later(_agenda.Now + (work / 2), () => Hear(new AgentInput.Progressed(lease, "half done")));
        }

        for (int i = _plan.IsNewest ? _says.Int(0, 3) : 0; i > 0; i--)
        {
            string said = $"step {i}";
            Later(_agenda.Now + (work * _says.Unit()), () => Hear(new AgentInput.Progressed(lease, said)));
        }

        Later(_agenda.Now + work, () => EndOrGoOn(lease));
    }

    /// <summary>Ends; but where handlers are deaf, those of an agent that drains have a minute more to do.</summary>
    private void EndOrGoOn(AgentLease lease)
    {
        if (_rules.StopsBy is not null && _faults.IsTried(Fault.HandlerDeaf, _deaf))
        {
            Later(_agenda.Now + _plan.Stretch(TimeSpan.FromMinutes(1)), () => End(lease, Outcome(lease)));
            return;
        }

        End(lease, Outcome(lease));
    }

    private HandlerEnd Outcome(AgentLease lease)
    {
        RawJson result = new(System.Text.Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"did\":\"{lease.Document.Job}/{lease.Document.Index}\",\"token\":{lease.Document.Token}}}")));
        return _faults.Is(Fault.HandlerFailsFinally, _chance) ? Failed(isFinal: true)
            : _faults.Is(Fault.HandlerFails, _chance) ? Failed(isFinal: false)
            : new HandlerEnd.Succeeded(_chance.Is(0.3) ? default : result);

        HandlerEnd Failed(bool isFinal) => new HandlerEnd.Failed(
            new FailureDocument { Code = "broken", Message = "The handler failed.", IsFinal = isFinal },
            result,
            IsDeliberate: _chance.Is(0.5));
    }

    private void AskToStop(AgentLease lease)
    {
        _handlers.AskedToStop(_id.Value, lease.Document.Job, lease.Document.Index, lease.Document.Token);
        if (lease.StopReason == StopReason.Draining && _faults.Is(Fault.HandlerDeaf, _deaf))
        {
            return;
        }

        if (!_faults.Is(Fault.Stubborn, _chance))
        {
            Later(_agenda.Now + _chance.Seconds(0, 1), () => End(lease, new HandlerEnd.Stopped()));
        }
    }

    /// <summary>The core is told of each end once.</summary>
    private void End(AgentLease lease, HandlerEnd end)
    {
        if (_handlers.Ended(_id.Value, lease.Document.Job, lease.Document.Index, lease.Document.Token))
        {
            Hear(new AgentInput.Finished(lease, end));
        }
    }

    /// <summary>Goes on, if this is still the life it was and it does not stand still.</summary>
    private void Later(TimeSpan when, Action what)
    {
        int life = _life;
        _agenda.At(when, Run);

        void Run()
        {
            if (life != _life || _core is null)
            {
                return;
            }

            if (_agenda.Now < _standsUntil)
            {
                _agenda.At(_standsUntil, Run);
                return;
            }

            what();
        }
    }
}
