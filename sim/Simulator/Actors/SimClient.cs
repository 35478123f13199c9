using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.Checks;
using Elasticity.Simulator.Edge;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator.Actors;

/// <summary>Who submits one job, in chunks and again and again until it is accepted, and meddles with it
/// afterwards.</summary>
internal sealed class SimClient
{
    /// <summary>The others ask the port itself, as a program with an engine in it does, or a client of
    /// Orleans.</summary>
    private const double ThroughApi = 0.75;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Agenda _agenda;
    private readonly FaultBox _faults;
    private readonly Plan _plan;
    private readonly Chance _chance;
    private readonly Chance _repeats;
    private readonly Asker _asker;
    private readonly Asker _portAsker;
    private readonly ApiServer _server;
    private readonly JobSubmissionDraft _draft;
    private readonly ModelJobs _log;

    private int _attempt;
    private int _redrives;
    private bool _isSubmitting;

    public SimClient(
        JobSubmissionDraft draft,
        Agenda agenda,
        FaultBox faults,
        Plan plan,
        IReadOnlyList<Host> engines,
        ModelJobs log)
    {
        _draft = draft;
        _agenda = agenda;
        _faults = faults;
        _plan = plan;
        _log = log;
        _chance = faults.ChanceOf($"client/{draft.Id}");
        _repeats = faults.ChanceOf($"repeats/{draft.Id}");
        _server = new ApiServer(plan.Engine.Core.Limits);

        // A chance of its own: who goes through the API changes nothing else.
        Door? door = faults.ChanceOf($"way/{draft.Id}").Is(ThroughApi)
            ? new Door($"client/{draft.Id}", agenda, faults, plan)
            : null;
        Wire wire = new(agenda, faults, $"client/{draft.Id}", isLocal: false);
        _asker = new Asker(agenda, wire, engines, _chance, door);
        _portAsker = new Asker(agenda, wire, engines, _chance, door: null);
    }

    /// <summary>It was accepted, or refused for good.</summary>
    public bool IsDone { get; private set; }

    /// <summary>As what it was refused for good; null when it was not.</summary>
    public string? RefusedAs { get; private set; }

    /// <summary>As what it must be refused; null when nothing is wrong with it.</summary>
    public string? Wrong => _draft.Wrong;

    public JobId Id => _draft.Id;

    public void Submit()
    {
        if (_isSubmitting)
        {
            return;
        }

        _isSubmitting = true;
        int attempt = ++_attempt;
        ImmutableArray<ImmutableArray<TaskSpec>> chunks = [.. TaskChunks.Cut(_draft.Tasks, _plan.Engine.Core.Limits)];
        JobCommand open = new JobCommand.Open(default, _draft.Header, _draft.Digest, _draft.Tasks.Length);
        if (chunks.Length <= 1 && _chance.Is(0.5))
        {
            Ask(attempt, Accepted, [open, .. chunks.Select(c => new JobCommand.AddTasks(default, 0, c)), Seal]);
            return;
        }

        Ask(
            attempt,
            answer =>
            {
                if (answer.Progress.IsSealed)
                {
                    Accepted(answer);
                    return;
                }

                new Adding(this, attempt, chunks, answer.Progress.TasksAdded, _chance.Int(1, 4)).More();
            },
            open);
    }

    /// <summary>Another job under the same id: it must not get through.</summary>
    /// <returns>Whether there is one to clash with.</returns>
    public bool SubmitClash(JobSubmissionDraft other)
    {
        JobCommand open = new JobCommand.Open(default, other.Header, other.Digest, other.Tasks.Length);
        if (other.Digest != _draft.Digest && _log.Find(Id) is not null)
        {
            // The API would cut what is larger than a chunk, and has no word for adding nothing.
            bool isAtOnce = TaskChunks.Cut(other.Tasks, _plan.Engine.Core.Limits).Take(2).Count() == 1;
            (isAtOnce ? _asker : _portAsker).Ask(
                new CoreInput.ForJob(Id, [open, new JobCommand.AddTasks(default, 0, other.Tasks), Seal]),
                Patience,
                _ => { },
                () => { });
            return true;
        }

        return false;
    }

    public void Command(JobCommand command)
    {
        // Every second redrive can be told from its repetition.
        bool isNamed = command is JobCommand.Redrive && ++_redrives % 2 == 0;
        command = isNamed ? (JobCommand.Redrive)command with { Request = $"{Id}.{_redrives}" } : command;
        Send([command], _ => { }, () => { });
        if (isNamed && _plan.RateOf(Fault.PayloadsErased) > 0)
        {
            JobCommand.Redrive same = (JobCommand.Redrive)command;
            JobCommand again = _repeats.Is(0.7) ? same : same with { Index = same.Index is null ? 0 : null };
            _agenda.After(_repeats.Seconds(0, 10), () => Send([again], _ => { }, () => { }));
        }
    }

    /// <summary>Looks at the job, and at what else the engine alone knows.</summary>
    public void Look() => _portAsker.Ask(new CoreInput.Look(Id, WithLists: true), Patience, _ => { }, () => { });

    /// <summary>Has the payloads of one task erased, or of all.</summary>
    public void Erase(int? index) => _portAsker.Ask(
        new CoreInput.ForJob(Id, [new JobCommand.ErasePayloads(default, index)]), Patience, _ => { }, () => { });

    /// <summary>Somebody who was cut off long ago reports a result.</summary>
    public void ReportLate(Host engine, int index)
    {
        TaskResult result = new(new TaskId(Id, index), 1, new Settlement.GivenBack());
        SettleRequest request = new(new AgentId("stranger"), new SessionId("stranger-1"), [result]);
        engine.Ask(new Call(new HttpExchange(new CoreInput.Settle(request), _server), _ => { }));
    }

    /// <summary>Once faults have stopped: sees to it that the job can end.</summary>
    public void SeeTo()
    {
        ModelJob? job = _log.Find(Id);
        if (!IsDone)
        {
            Submit();
        }
        else if (job is { Phase: "opening" })
        {
            Command(new JobCommand.Cancel(default));
        }
        else if (job is { IsPaused: true })
        {
            Command(new JobCommand.Resume(default));
        }
    }

    private static JobCommand Seal { get; } = new JobCommand.Seal(default);

    private void Accepted(JobAnswer answer)
    {
        (IsDone, _isSubmitting) = (true, false);
        if (_faults.Is(Fault.SubmitRepeated, _chance))
        {
            _agenda.After(_chance.Seconds(0, 30), Submit);
        }
    }

    /// <summary>One step of a submit. Whoever gets no answer begins again later.</summary>
    private void Ask(int attempt, Action<JobAnswer> then, params ImmutableArray<JobCommand> commands) => Send(
        commands,
        answer =>
        {
            if (attempt != _attempt)
            {
                return; // Another attempt is under way.
            }

            switch (answer.Rejection?.Code)
            {
                case null:
                    then(answer);
                    break;
                case RejectionCode.LimitExceeded or RejectionCode.JobIncomplete:
                    Again(attempt); // Too many jobs, or chunks overtook each other.
                    break;
                case var code:
                    (IsDone, RefusedAs, _isSubmitting) = (true, code, false);
                    break;
            }
        },
        () => Again(attempt));

    private void Again(int attempt)
    {
        if (attempt == _attempt)
        {
            _attempt++;
            TimeSpan pause = _faults.Is(Fault.SubmitBroken, _chance)
                ? _chance.Seconds(1, 60)
                : _chance.Seconds(0.05, 1);
            _agenda.After(pause, () =>
            {
                _isSubmitting = false;
                Submit();
            });
        }
    }

    private void Send(ImmutableArray<JobCommand> commands, Action<JobAnswer> answer, Action fail) =>
        _asker.Ask(new CoreInput.ForJob(Id, commands), Patience, a => answer((JobAnswer)a), fail);

    /// <summary>Chunk after chunk, some under way at once.</summary>
    private sealed class Adding(
        SimClient client,
        int attempt,
        ImmutableArray<ImmutableArray<TaskSpec>> chunks,
        int alreadyAdded,
        int window)
    {
        private int _next;
        private int _first;
        private int _underWay;

        public void More()
        {
            while (_next < chunks.Length && _underWay < window)
            {
                ImmutableArray<TaskSpec> chunk = chunks[_next++];
                int first = _first;
                _first += chunk.Length;
                if (_first > alreadyAdded)
                {
                    if (client._faults.Is(Fault.SubmitBroken, client._chance))
                    {
                        client.Again(attempt);
                        return;
                    }

                    _underWay++;
                    client.Ask(attempt, _ => Added(), new JobCommand.AddTasks(default, first, chunk));
                }
            }

            if (_underWay == 0 && _next == chunks.Length)
            {
                _next++;
                client.Ask(attempt, client.Accepted, Seal);
            }
        }

        private void Added()
        {
            _underWay--;
            More();
        }
    }
}
