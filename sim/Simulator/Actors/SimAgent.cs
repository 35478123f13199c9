using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.Edge;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator.Actors;

/// <summary>An agent in all its moods: it dies, stands still, forgets, repeats itself and lies. Without faults it is a
/// good one.</summary>
internal sealed partial class SimAgent
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private readonly Agenda _agenda;
    private readonly FaultBox _faults;
    private readonly Plan _plan;
    private readonly Chance _chance;
    private readonly Chance _lies;
    private readonly Chance _deaths;
    private readonly Chance _former;
    private readonly Asker _asker;
    private readonly AgentId _id;
    private readonly AgentOffer _offer;
    private readonly Dictionary<(TaskId Task, long Token), Held> _held = [];

    private SessionId _session;
    private int _sessionCount;
    private int _requestCount;
    private int _life;
    private bool _isAlive;
    private bool _isRegistered;
    private bool _isDraining;
    private bool _isPolling;
    private TimeSpan _standsUntil;

    public SimAgent(
        string id, AgentOffer offer, Agenda agenda, FaultBox faults, Plan plan, IReadOnlyList<Host> engines)
    {
        _id = new AgentId(id);
        _offer = offer;
        _agenda = agenda;
        _faults = faults;
        _plan = plan;
        _chance = faults.ChanceOf($"agent/{id}");
        _lies = faults.ChanceOf($"lies/{id}");
        _deaths = faults.ChanceOf($"deaths/{id}");
        _former = faults.ChanceOf($"former/{id}");
        Wire wire = new(agenda, faults, id, offer.IsInProcess);
        Door? door = offer.IsInProcess ? null : new Door(id, agenda, faults, plan);
        _asker = new Asker(agenda, wire, engines, _chance, door);
        if (offer.IsInProcess)
        {
            engines[0].Died += Die;
            engines[0].Born += Start;
        }

        faults.Repeat(agenda, Fault.AgentCrashes, _chance, () => Restart(plan.Stretch(_chance.Seconds(0.05, 20))));
        faults.Repeat(agenda, Fault.AgentHangs, _chance, () =>
        {
            _standsUntil = agenda.Now + plan.Stretch(_chance.Seconds(0.5, 60));
            return _isAlive;
        });
        faults.Repeat(agenda, Fault.AgentCloses, _chance, Close);
        faults.Repeat(agenda, Fault.AgentDrains, _chance, Drain);
        faults.Repeat(agenda, Fault.ReportUnheard, _lies, ReportUnheard);
        faults.Repeat(agenda, Fault.FormerAsks, _former, AskAsFormer);
    }

    public bool IsInProcess => _offer.IsInProcess;

    public void Start()
    {
        if (!_isAlive)
        {
            _isAlive = true;
            NewSession();
        }
    }

    private void Die()
    {
        _life++;
        _isAlive = false;
        _held.Clear();
    }

    /// <summary>Dies without a word and comes back. Who lives in the engine's process cannot do that alone.</summary>
    /// <returns>Whether it lived, and could.</returns>
    private bool Restart(TimeSpan after)
    {
        if (_offer.IsInProcess || !_isAlive)
        {
            return false;
        }

        Die();
        _agenda.After(after, Start);
        return true;
    }

    /// <returns>Whether it had a session.</returns>
    private bool ReportUnheard()
    {
        if (!_isAlive || !_isRegistered)
        {
            return false;
        }

        TaskId task = new(new JobId($"job-{_lies.Int(0, _plan.Jobs - 1)}"), _lies.Int(0, 2));
        Settlement settlement = new Settlement.Succeeded(Payload.FromJson("\"unheard\""));
        Settle([new TaskResult(task, 1L << 40, settlement)], attempts: 1);
        return true;
    }

    /// <returns>Whether it had a session before.</returns>
    private bool AskAsFormer()
    {
        if (_sessionCount < 2)
        {
            return false;
        }

        SessionId former = new($"{_id}-{_former.Int(1, _sessionCount - 1)}");
        AgentCommand command = _former.Int(0, 2) switch
        {
            0 => new AgentCommand.Register(default, former, _offer),
            1 => new AgentCommand.Drain(default, former),
            _ => new AgentCommand.EndSession(default, former, "closed"),
        };
        _asker.Ask(new CoreInput.ForAgent(_id, command), Patience, _ => { }, () => { });
        return true;
    }

    /// <returns>Whether it had a session.</returns>
    private bool Close()
    {
        if (!_isAlive || !_isRegistered)
        {
            return false;
        }

        AgentCommand end = new AgentCommand.EndSession(default, _session, "closed");
        Ask(new CoreInput.ForAgent(_id, end), Patience, _ => { }, () => { });
        TimeSpan pause = _chance.Seconds(0.01, 5);
        if (_offer.IsInProcess)
        {
            Later(pause, NewSession);
        }

        Restart(pause);
        return true;
    }

    /// <returns>Whether it had a session, and did not drain already.</returns>
    private bool Drain()
    {
        if (!_isAlive || !_isRegistered || _isDraining)
        {
            return false;
        }

        _isDraining = true;
        AgentCommand drain = new AgentCommand.Drain(default, _session);
        Ask(new CoreInput.ForAgent(_id, drain), Patience, _ => { }, () => { });
        Later(_chance.Seconds(0, 5), () =>
        {
            Settle([.. _held.Values.Select(h => new TaskResult(h.Task, h.Token, new Settlement.GivenBack()))], 3);
            Later(_chance.Seconds(0, 3), () => Close());
            Later(TimeSpan.FromSeconds(5), () => _isDraining = false);
        });
        return true;
    }

    private void NewSession()
    {
        _life++;
        _session = new SessionId($"{_id}-{++_sessionCount}");
        _held.Clear();
        (_isRegistered, _isDraining, _isPolling) = (false, false, false);
        Register();
        HeartbeatSoon();
    }

    private void Register() => Ask(
        new CoreInput.ForAgent(_id, new AgentCommand.Register(default, _session, _offer)),
        Patience,
        answer =>
        {
            Rejection? rejection = ((Reply<AgentView>)answer).Rejection;
            if (rejection is null)
            {
                _isRegistered = true;
                Poll();
            }
            else if (rejection.Code == RejectionCode.LimitExceeded)
            {
                Later(_chance.Seconds(0.5, 2), Register);
            }
            else
            {
                Later(_chance.Seconds(0.01, 1), NewSession);
            }
        },
        () => Later(_chance.Seconds(0.05, 1), Register));

    /// <summary>One request for as many tasks as there is room; the next follows its end.</summary>
    private void Poll()
    {
        int room = _offer.Slots - _held.Count;
        if (_isPolling || _isDraining || !_isRegistered || room < 1)
        {
            return;
        }

        _isPolling = true;
        bool isPatient = _chance.Is(0.8) || _plan.IsLong;
        Lease(NewRequest(room, isPatient ? _chance.Seconds(0, _plan.IsLong ? 60 : 20) : TimeSpan.Zero));
    }

    private LeaseRequest NewRequest(int room, TimeSpan wait)
    {
        ImmutableArray<string> kinds = _chance.Is(0.8) ? default : [_chance.Pick(_offer.Kinds)];
        return new LeaseRequest(_id, _session, $"{_session}.{++_requestCount}", room, wait, kinds);
    }

    private void Lease(LeaseRequest request) => Ask(
        new CoreInput.Lease(request),
        request.Wait + Patience,
        answer =>
        {
            _isPolling = false;
            Reply<LeaseGrant> reply = (Reply<LeaseGrant>)answer;
            if (reply.Value is { } grant && !DiesOf(grant.Tasks))
            {
                Begin(grant.Tasks);
            }

            AfterLease(reply.Rejection, request.Wait);
        },
        () => Later(_chance.Seconds(0.02, 1), () =>
        {
            if (_chance.Is(0.7))
            {
                Lease(request); // The same once more: its answer may have been lost.
                return;
            }

            _isPolling = false;
            Poll();
        }));

    private void AfterLease(Rejection? rejection, TimeSpan wait)
    {
        switch (rejection?.Code)
        {
            case null:
                Later(wait > TimeSpan.Zero ? TimeSpan.Zero : _chance.Seconds(0.1, 1), Poll);
                break;
            case RejectionCode.AgentSuperseded or RejectionCode.SessionUnknown:
                NewSession();
                break;
            default:
                Later(_chance.Seconds(0.2, 2), Poll); // Draining, or too much is asked at once.
                break;
        }
    }

    private void HeartbeatSoon()
    {
        TimeSpan shortest = _held.Count == 0
            ? TimeSpan.FromSeconds(_plan.IsLong ? 600 : 10)
            : _held.Values.Min(h => h.LeaseLength);
        Later(shortest / 3, () =>
        {
            Beat();
            HeartbeatSoon();
        });
    }

    private void Beat()
    {
        Held[] told = [.. _held.Values.Where(h => !h.IsForgotten)];
        if (!_isRegistered)
        {
            return;
        }

        string progress = _plan.IsNewest ? $"on it since {_agenda.Now:c}" : "on it";
        Heartbeat beat = new(
            _id, _session, [.. told.Select(h => new HeldLease(h.Task, h.Token, _chance.Is(0.2) ? progress : null))]);
        Ask(
            new CoreInput.Beat(beat),
            Patience,
            answer =>
            {
                Reply<HeartbeatAnswer> reply = (Reply<HeartbeatAnswer>)answer;
                if (reply.Value is { } verdicts)
                {
                    for (int i = 0; i < told.Length; i++)
                    {
                        Obey(told[i], verdicts.Leases[i]);
                    }
                }
                else if (!_faults.Is(Fault.Stubborn, _chance))
                {
                    NewSession();
                }
            },
            () => { });
    }

    private void Obey(Held held, LeaseAnswer verdict)
    {
        if (verdict == LeaseAnswer.Renewed || !_held.ContainsKey((held.Task, held.Token))
            || _faults.Is(Fault.Stubborn, _chance))
        {
            return;
        }

        if (verdict == LeaseAnswer.Lost)
        {
            _held.Remove((held.Task, held.Token));
            Poll();
        }
        else
        {
            Settlement stopped = _chance.Is(0.5)
                ? new Settlement.GivenBack()
                : new Settlement.Failed(new Failure("stopped", "Asked to stop.", IsFinal: false), Payload.None);
            Report(held, stopped);
        }
    }

    private void Ask(CoreInput input, TimeSpan patience, Action<object> answer, Action fail)
    {
        int life = _life;
        _asker.Ask(input, patience, a => Live(life, () => answer(a)), () => Live(life, fail));
    }

    private void Later(TimeSpan delay, Action what)
    {
        int life = _life;
        _agenda.After(delay, () => Live(life, what));
    }

    /// <summary>Goes on, if this is still the life it was and it does not stand still.</summary>
    private void Live(int life, Action what)
    {
        if (life != _life || !_isAlive)
        {
            return;
        }

        if (_agenda.Now < _standsUntil)
        {
            _agenda.At(_standsUntil, () => Live(life, what));
            return;
        }

        what();
    }

    /// <summary>A task in the hands of this agent.</summary>
    private sealed record Held(TaskId Task, long Token, TimeSpan LeaseLength)
    {
        /// <summary>Heartbeats leave it out.</summary>
        public bool IsForgotten { get; set; }

        public bool IsReported { get; set; }
    }
}
