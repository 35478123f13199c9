using System.Collections.Immutable;
using System.Globalization;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Reference;

/// <summary>The engine's core and the naive scheduler beside each other: the same commands, compared after
/// each.</summary>
internal sealed class Comparison(ulong seed)
{
    private const string Rule = "as-the-naive-scheduler";
    private static readonly string[] Kinds = ["kind-0", "kind-1"];
    private static readonly string[] Reports = ["succeeded", "succeeded", "failed", "final", "given-back"];

    private readonly Chance _chance = Chance.Of(seed, "comparison");
    private readonly NaiveScheduler _naive = new();
    private readonly CoreDriver _engine = new();
    private readonly Dictionary<AgentId, SessionId> _sessions = [];
    private readonly List<(NaiveTask Task, long Token, Holder Holder)> _given = [];
    private readonly List<(Holder Holder, string Request, string Kind)> _requests = [];
    private int _numbers;
    private int _leaseMilliseconds = 3_000;
    private string _last = "nothing yet";

    /// <summary>Runs so many commands.</summary>
    /// <exception cref="Checks.Violation">They differ.</exception>
    public void Run(int commands)
    {
        for (int i = 0; i < commands; i++)
        {
            Act();
            Compare();
        }
    }

    private void Act()
    {
        switch (_chance.Int(0, 19))
        {
            case 0: Submit(); break;
            case 1: Register(); break;
            case 2: Steer("cancel", _naive.Cancel, new JobCommand.Cancel(default), isRare: true); break;
            case 3: Steer("pause", j => _naive.Pause(j, true), new JobCommand.Pause(default)); break;
            case 4 or 5: Steer("resume", j => _naive.Pause(j, false), new JobCommand.Resume(default)); break;
            case 6 or 7: Redrive(); break;
            case 8: Advance(_chance.Seconds(0.5, 4)); break;
            case 9: Advance(_chance.Seconds(0, 0.2)); break;
            case 10 or 11: Beat(); break;
            case <= 15: Settle(); break;
            default: Lease(); break;
        }
    }

    private void Submit()
    {
        JobId id = new(string.Create(CultureInfo.InvariantCulture, $"job-{++_numbers}"));
        NaiveJob job = new(id, _chance.Int(1, 3), _chance.Int(0, 1));
        List<TaskSpec> specs = [];
        int count = _chance.Int(1, 8);
        for (int i = 0; i < count; i++)
        {
            int[] dependsOn = i > 0 && _chance.Is(0.4) ? [_chance.Int(0, i - 1)] : [];
            TimeSpan length = TimeSpan.FromMilliseconds(_leaseMilliseconds++); // No two leases run out at once.
            job.Tasks.Add(new NaiveTask(job, i, _chance.Pick(Kinds), dependsOn, length));
            specs.Add(new TaskSpec
            {
                Kind = job.Tasks[i].Kind, DependsOn = [.. dependsOn], LeaseLength = length, Payload = Payload.None,
            });
        }

        RetryPolicy retry = new()
        {
            AttemptsMax = 2, First = TimeSpan.FromSeconds(2), Factor = 1, Jitter = 0,
        };
        JobPolicy policy = new() { OnDeadLetter = (DeadLetterRule)job.Rule, Priority = job.Priority, Retry = retry };
        JobHeader header = new(id.Value, policy, ImmutableSortedDictionary<string, string>.Empty);
        _last = $"submit {id}, {count} tasks, rule {job.Rule}, priority {job.Priority}";
        JobAnswer answer = _engine.Ask<JobAnswer>(new CoreInput.ForJob(id, [
            new JobCommand.Open(default, header, JobDigest.Of(policy, specs), count),
            new JobCommand.AddTasks(default, 0, [.. specs]),
            new JobCommand.Seal(default),
        ]));
        _naive.Submit(job);
        Same("ok", answer.Rejection?.Code ?? "ok", id.Value);
    }

    private void Register()
    {
        AgentId agent = new(string.Create(CultureInfo.InvariantCulture, $"agent-{_chance.Int(0, 2)}"));
        if (_chance.Is(0.3) && _sessions.TryGetValue(agent, out SessionId old))
        {
            _last = $"{agent} closes";
            _engine.Ask<Reply<AgentView>>(
                new CoreInput.ForAgent(agent, new AgentCommand.EndSession(default, old, "closed")));
            _naive.EndSession(agent);
            _sessions.Remove(agent);
            return;
        }

        SessionId session = new(string.Create(CultureInfo.InvariantCulture, $"session-{++_numbers}"));
        _last = $"{agent} registers {session}";
        AgentOffer offer = new([.. Kinds], 8, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);
        _engine.Ask<Reply<AgentView>>(
            new CoreInput.ForAgent(agent, new AgentCommand.Register(default, session, offer)));
        _naive.Register(agent, session);
        _sessions[agent] = session;
    }

    private void Lease()
    {
        if (_sessions.Count == 0)
        {
            return;
        }

        (AgentId agent, SessionId session) = _chance.Pick([.. _sessions]);
        string number = string.Create(CultureInfo.InvariantCulture, $"r{++_numbers}");
        (Holder holder, string request, string kind) = _requests.Count > 0 && _chance.Is(0.1)
            ? _chance.Pick(_requests)
            : (new Holder(agent, session), number, _chance.Pick(Kinds));
        _requests.Add((holder, request, kind));
        _last = $"{holder} asks {request} for {kind}";
        Reply<LeaseGrant> reply = _engine.Ask<Reply<LeaseGrant>>(new CoreInput.Lease(
            new LeaseRequest(holder.Agent, holder.Session, request, 1, TimeSpan.Zero, [kind])));
        LeasedTask? leased = reply.Value?.Tasks.FirstOrDefault();
        string? problem = _naive.Lease(holder, request, kind, leased?.Task);
        Require(problem is null, Rule, seed.ToString(CultureInfo.InvariantCulture), $"{_last}: {problem}");
        if (leased is not null)
        {
            _given.Add((_naive.Jobs[leased.Task.Job].Tasks[leased.Task.Index], leased.Token, holder));
        }
    }

    private void Beat()
    {
        if (_given.Count > 0)
        {
            (NaiveTask task, long token, Holder holder) = Recent();
            TaskId id = new(task.Job.Id, task.Index);
            _last = $"{holder} beats for {id}#{token}";
            Reply<HeartbeatAnswer> reply = _engine.Ask<Reply<HeartbeatAnswer>>(new CoreInput.Beat(
                new Heartbeat(holder.Agent, holder.Session, [new HeldLease(id, token, null)])));
            string expected = _naive.Beat(holder, task, token);
            Same(expected, reply.Value?.Leases[0].ToString() ?? "Lost", id.ToString());
        }
    }

    private void Settle()
    {
        if (_given.Count > 0)
        {
            (NaiveTask task, long token, Holder holder) = Recent();
            TaskId id = new(task.Job.Id, task.Index);
            string what = _chance.Pick(Reports);
            Settlement settlement = what switch
            {
                "succeeded" => new Settlement.Succeeded(Payload.None),
                "given-back" => new Settlement.GivenBack(),
                _ => new Settlement.Failed(new Failure("broken", "It failed.", what == "final"), Payload.None),
            };
            _last = $"{holder} reports {id}#{token} {what}";
            Reply<SettleAnswer> reply = _engine.Ask<Reply<SettleAnswer>>(new CoreInput.Settle(
                new SettleRequest(holder.Agent, holder.Session, [new TaskResult(id, token, settlement)])));
            Same(_naive.Settle(holder, task, token, what), reply.Value!.Results[0]?.Code ?? "ok", id.ToString());
        }
    }

    private void Redrive()
    {
        int? index = _chance.Is(0.5) ? null : _chance.Int(0, 8);
        Steer($"redrive {index}", j => _naive.Redrive(j, index), new JobCommand.Redrive(default, index));
    }

    private void Steer(string what, Func<NaiveJob, string> naive, JobCommand command, bool isRare = false)
    {
        if (_naive.Jobs.Count > 0 && !(isRare && _chance.Is(0.5)))
        {
            NaiveJob job = _chance.Pick([.. _naive.Jobs.Values.TakeLast(6)]);
            _last = $"{what} {job.Id}, which is {job.State}";
            JobAnswer answer = _engine.Ask<JobAnswer>(new CoreInput.ForJob(job.Id, [command]));
            Same(naive(job), answer.Rejection?.Code ?? "ok", job.Id.Value);
        }
    }

    private void Advance(TimeSpan by)
    {
        _last = $"{by} pass";
        _engine.Advance(by);
        _naive.Advance(_engine.Now);
    }

    /// <summary>A lease of late, more likely than one of long ago.</summary>
    private (NaiveTask Task, long Token, Holder Holder) Recent() =>
        _given[^Math.Min(_given.Count, 1 + (int)(_chance.Unit() * _chance.Unit() * 12))];

    private void Compare()
    {
        foreach (NaiveJob job in _naive.Jobs.Values)
        {
            JobState state = _engine.Job(job.Id);
            Same(job.State, JobDecider.Word(state.Phase), job.Id.Value);
            Same(job.IsPaused.ToString(), state.IsPaused.ToString(), job.Id.Value);
            foreach (NaiveTask task in job.Tasks)
            {
                TaskId id = new(job.Id, task.Index);
                TaskState stored = _engine.Task(id);
                Same(
                    $"{task.State} run {task.Run} token {task.Token}",
                    $"{Word(task, state, stored)} run {state.RunOf(task.Index)} token {stored.Token}", id.ToString());
            }
        }
    }

    private static string Word(NaiveTask task, JobState job, TaskState stored)
    {
        bool isThisRun = stored.Run == job.RunOf(task.Index);
        return job.Status[task.Index] switch
        {
            JobTaskStatus.Blocked => "blocked",
            JobTaskStatus.Released => isThisRun && stored.Phase == TaskPhase.Leased ? "leased" : "ready",
            JobTaskStatus.DeadLettered => "deadLettered",
            JobTaskStatus ended => ended.ToString().ToLowerInvariant(),
        };
    }

    private void Same(string expected, string actual, string subject) =>
        Require(
            expected == actual, Rule, subject, $"seed {seed}, after '{_last}': {expected} expected, it is {actual}");
}
