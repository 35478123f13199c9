using System.Diagnostics;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Queues;
using Elasticity.Domain.Tasks;
using Xunit;

namespace Elasticity.Domain.Tests.World;

/// <summary>
/// Aggregates, queues, a lease book and the messages between them, without an engine: one seed decides what happens
/// and what goes wrong. Stored: the states. Soft: queues, lease book, messages under way.
/// </summary>
internal sealed partial class World
{
    private static readonly Limits Bounds = new() { EventsPerCheckpointMin = 4 };

    private readonly Random _random;
    private readonly Checker _checker = new();
    private readonly SortedDictionary<string, StoredJob> _jobs = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Job, int Index), StoredTask> _tasks = [];
    private readonly SortedDictionary<string, StoredAgent> _agents = new(StringComparer.Ordinal);
    private readonly List<Message> _wire = [];
    private Dictionary<string, ReadyQueue> _queues = [];
    private LeaseBook _book = new();
    private Faults _faults;
    private DateTimeOffset _now = Support.Some.T0;
    private int _recorded;

    public World(Random random, Faults faults, bool isTraced)
    {
        Trace = isTraced ? [] : null;
        _random = random;
        _faults = faults;
        ForgetSoftState();
        Draw();
    }

    /// <summary>How often each event was recorded.</summary>
    public Dictionary<Type, int> Seen { get; } = [];

    /// <summary>What happened, a line each; null when nobody asked for it.</summary>
    public List<string>? Trace { get; }

    /// <summary>How many tasks wait for one another in a row, at most.</summary>
    public int Depth => _jobs.Values.Max(j => j.Plan.Depth);

    private TimeSpan Monotonic => _now - Support.Some.T0;

    private bool Happens(double chance) => _random.NextDouble() < chance;

    private T Pick<T>(IReadOnlyCollection<T> many) => many.ElementAt(_random.Next(many.Count));

    private void Record(object aggregate, object @event)
    {
        _recorded++;
        Seen[@event.GetType()] = Seen.GetValueOrDefault(@event.GetType()) + 1;
        Note(aggregate, @event);
    }

    private void Note(object aggregate, object what) =>
        Trace?.Add($"{Monotonic.TotalSeconds,7:0.0} {aggregate}: {Support.Show.Of(what)}");

    // ---- What is stored ----

    private bool Decide(StoredJob job, JobCommand command)
    {
        Decision<JobEvent> decision = JobDecider.Decide(job.Plan.Id, job.State, command, Bounds);
        foreach (JobEvent e in decision.Events)
        {
            Record(job.Plan.Id, e);
            _checker.See(job.Plan.Id, e);
            job.State = JobDecider.Evolve(job.State, e);
            job.Events.Add(e);
        }

        Send(decision.Messages);
        if (decision.Sweep)
        {
            Sweep(job);
        }

        return decision.Rejection is null;
    }

    private Rejection? Decide(TaskId id, TaskCommand command)
    {
        StoredTask task = Task(id);
        Decision<TaskEvent> decision = TaskDecider.Decide(id, task.State, command);
        foreach (TaskEvent e in decision.Events)
        {
            Record(id, e);
            _checker.See(id, e);
            task.State = TaskDecider.Evolve(task.State, e);
            task.Events.Add(e);
        }

        Send(decision.Messages);
        return decision.Rejection;
    }

    private Rejection? Decide(StoredAgent agent, AgentCommand command)
    {
        Decision<AgentEvent> decision = AgentDecider.Decide(agent.Id, agent.State, command, Limits.Default);
        foreach (AgentEvent e in decision.Events)
        {
            Record(agent.Id, e);
            agent.State = AgentDecider.Evolve(agent.State, e);
            agent.Events.Add(e);
        }

        Send(decision.Messages);
        return decision.Rejection;
    }

    private StoredTask Task(TaskId id)
    {
        if (!_tasks.TryGetValue((id.Job.Value, id.Index), out StoredTask? task))
        {
            _tasks.Add((id.Job.Value, id.Index), task = new StoredTask(id));
        }

        return task;
    }

    // ---- What is soft ----

    private void ForgetSoftState()
    {
        _queues = Plan.Kinds.ToDictionary(k => k, _ => new ReadyQueue());
        _book = new LeaseBook();
        _wire.Clear();
    }

    private void Sweep(StoredJob job)
    {
        int? cursor = 0;
        while (cursor is { } at)
        {
            (var messages, cursor) = JobDecider.Outstanding(job.Plan.Id, job.State, at);
            Send(messages);
        }
    }

    /// <summary>Everything that the open streams still wait for.</summary>
    private void SweepAll()
    {
        foreach (StoredJob job in _jobs.Values.Where(j => j.State.IsOpen))
        {
            Sweep(job);
        }

        foreach (StoredTask task in _tasks.Values.Where(t => t.State.IsOpen))
        {
            Send([TaskDecider.Outstanding(task.Id, task.State)!]);
        }
    }

    // ---- Messages ----

    private void Send(IEnumerable<Message> messages)
    {
        foreach (Message message in messages)
        {
            if (Happens(_faults.Lost))
            {
                Note("lost", message);
                continue;
            }

            _wire.Add(message);
            if (Happens(_faults.Doubled))
            {
                _wire.Add(message);
            }
        }
    }

    private void DeliverOne()
    {
        if (_wire.Count == 0)
        {
            return;
        }

        int at = Happens(_faults.Overtaken) ? _random.Next(_wire.Count) : 0;
        Message message = _wire[at];
        _wire.RemoveAt(at);
        if (message is Message.TaskEnded ended && Happens(0.5))
        {
            DeliverTogether(ended);
        }

        Deliver(message);
        if (message is not Message.Offer) // Offers are soft on both sides; what comes of them is checked with leases.
        {
            int before = _recorded;
            Deliver(message);
            Assert.True(before == _recorded, $"Sent twice, this changed something: {message}");
        }
    }

    private void DeliverAll()
    {
        for (int i = 0; _wire.Count > 0; i++)
        {
            Assert.True(i < 100_000, "The aggregates never stop talking.");
            DeliverOne();
        }
    }

    private void Deliver(Message message)
    {
        switch (message)
        {
            case Message.Offer m:
                _queues[m.Kind].Add(m, _now);
                break;
            case Message.SetPaused m:
                Assert.All(_queues.Values, q => q.SetPaused(m.Job, m.IsPaused));
                break;
            case Message.Withdraw m:
                Assert.All(_queues.Values, q => q.Withdraw(m.Job));
                break;
            case Message.Cancel m:
                foreach (int index in Enumerable.Range(m.First, m.Count))
                {
                    Decide(new TaskId(m.Job, index), new TaskCommand.Cancel(_now, m.Run));
                }

                break;
            case Message.Skip m:
                foreach (int index in Enumerable.Range(m.First, m.Count))
                {
                    Decide(new TaskId(m.Job, index), new TaskCommand.Skip(_now, m.Run, m.Cause));
                }

                break;
            case Message.TaskEnded m:
                Decide(_jobs[m.Task.Job.Value], new JobCommand.RecordOutcomes(_now, [Outcome(m)]));
                break;
            case Message.WatchLease m:
                Watch(m);
                break;
            case Message.ForgetLease m:
                _book.Forget(m.Task, m.Token);
                break;
            case Message.SessionEnded m:
                foreach (WatchedLease lease in _book.OfHolder(m.Holder))
                {
                    Decide(lease.Task, new TaskCommand.Lose(_now, lease.Lease.Token, m.Reason));
                }

                break;
            default:
                throw new UnreachableException($"Nobody delivers {message.GetType().Name}.");
        }
    }

    // Many outcomes make one event, in any order, and some of them twice.
    private void DeliverTogether(Message.TaskEnded first)
    {
        OutcomeRecord[] all =
        [
            .. _wire.OfType<Message.TaskEnded>().Where(m => m.Task.Job == first.Task.Job).Append(first).Select(Outcome),
        ];
        _random.Shuffle(all);
        Decide(_jobs[first.Task.Job.Value], new JobCommand.RecordOutcomes(_now, [.. all]));
    }

    private static OutcomeRecord Outcome(Message.TaskEnded m) => new(m.Task.Index, m.Run, m.Outcome, "head");

    private void Watch(Message.WatchLease m)
    {
        if (AgentDecider.WhyLost(_agents[m.Lease.Agent.Value].State, m) is { } reason)
        {
            Decide(m.Task, new TaskCommand.Lose(_now, m.Lease.Token, reason));
        }
        else
        {
            _book.Watch(m, Monotonic);
        }
    }

    private sealed class StoredJob(Plan plan)
    {
        public Plan Plan => plan;

        public JobState State { get; set; } = JobState.None;

        public List<JobEvent> Events { get; } = [];
    }

    private sealed class StoredTask(TaskId id)
    {
        public TaskId Id => id;

        public TaskState State { get; set; } = TaskState.Untouched;

        public List<TaskEvent> Events { get; } = [];
    }

    private sealed class StoredAgent(AgentId id)
    {
        public AgentId Id => id;

        public AgentState State { get; set; } = AgentState.None;

        public List<AgentEvent> Events { get; } = [];

        /// <summary>The session that the agent's process believes to be in; null while it is dead.</summary>
        public SessionId? Process { get; set; }

        public List<SessionId> Former { get; } = [];

        /// <summary>How many sessions it has chosen.</summary>
        public int Sessions { get; set; }

        /// <summary>What the process believes to hold, and what processes before it held.</summary>
        public List<Held> Held { get; } = [];
    }

    /// <summary>A lease as an agent remembers it.</summary>
    private sealed record Held(TaskId Task, Holder Holder, long Token)
    {
        /// <summary>What it reported; null when it has not.</summary>
        public Settlement? Reported { get; set; }

        /// <summary>What counted; null when nothing did.</summary>
        public Settlement? Accepted { get; set; }
    }
}
