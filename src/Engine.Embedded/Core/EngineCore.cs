using System.Diagnostics;
using Elasticity.Domain;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Tasks;

namespace Elasticity.Engine.Embedded.Core;

/// <summary>
/// The embedded engine without its I/O: synchronous and deterministic. It never waits, spawns, sleeps or reads a clock;
/// the pump around it does, and the simulator runs this very class.
/// </summary>
/// <remarks>
/// <para>A step takes inputs, lets the deciders decide and evolve in memory, follows the messages between the
/// aggregates, and puts what is to be appended, answered and loaded into a <see cref="CoreBatch"/>. Memory runs ahead
/// of the store; therefore answers go out, and loads are read, only when the batch they are in is durable. If an append
/// fails, this object is thrown away and the next one recovers from the log.</para>
/// <para>Not thread-safe. In memory are the unended jobs, the tasks that are leased or back off, the live agents.
/// Whatever else a command names is loaded first, and the command waits for it (<c>EngineCore.Loading.cs</c>).</para>
/// </remarks>
public sealed partial class EngineCore
{
    private readonly CoreOptions _options;
    private readonly int _shardCount;
    private readonly Func<double> _chance;
    private readonly Dictionary<JobId, LiveJob> _jobs = [];
    private readonly Dictionary<TaskId, LiveTask> _tasks = [];
    private readonly Dictionary<AgentId, LiveAgent> _agents = [];
    private readonly SortedDictionary<string, KindQueue> _queues = new(StringComparer.Ordinal);
    private readonly HashSet<JobId> _paused = [];
    private readonly LeaseBook _leases = new();
    private readonly ChunkCache _chunks;
    private readonly Queue<Message> _mail = new();
    private readonly HashSet<LiveJob> _touchedJobs = [];
    private readonly List<LiveTask> _touchedTasks = [];

    /// <summary>Tasks that somebody reported on before their job was there. It may come with this step, and they
    /// stay.</summary>
    private readonly List<LiveTask> _orphans = [];
    private readonly List<LiveAgent> _touchedAgents = [];

    private CoreBatch _batch = new();
    private Instant _now;
    private ReadOnlyMemory<byte> _metadata;
    private TimeSpan _awaitedBy = TimeSpan.MaxValue;

    /// <summary>Makes an empty core. Give it what is in the store (<c>Restore…</c>), then step it.</summary>
    /// <param name="options">Its bounds.</param>
    /// <param name="shardCount">Of the store.</param>
    /// <param name="chance">Random numbers, at least 0 and below 1, for the jitter of back-offs: the core's only
    /// chance.</param>
    public EngineCore(CoreOptions options, int shardCount, Func<double> chance)
    {
        _options = options;
        _shardCount = shardCount;
        _chance = chance;
        _chunks = new ChunkCache(options.ChunkCacheBytesMax);
    }

    /// <summary>What was done since the start.</summary>
    public CoreCounters Counters { get; } = new();

    /// <summary>When the next step is due even without inputs, monotonic.</summary>
    public TimeSpan NextWake { get; private set; }

    /// <summary>Takes one step.</summary>
    /// <param name="now">The moment; never before that of the last step.</param>
    /// <param name="inputs">What happened since, in order; may be empty.</param>
    /// <param name="batch">Where to put what is to be done; may hold the work of earlier steps that was not begun
    /// yet.</param>
    public void Step(Instant now, IReadOnlyList<CoreInput> inputs, CoreBatch batch)
    {
        _batch = batch;
        _now = now;
        TimeSpan late = now.Monotonic - _awaitedBy; // The process was frozen: nobody could be heard.
        if (_leases.ShortestLength is { } shortest && late > shortest / 2)
        {
            _leases.GiveGrace(now.Monotonic);
        }

        if (late > _options.SessionSilenceMax / 2)
        {
            ForgiveSilence();
        }

        for (int i = 0; i < inputs.Count; i++)
        {
            Take(inputs[i]);
            Settle();
        }

        _metadata = default;
        TakeBackDueLeases();
        EndSilentSessions();
        Sweep();
        Settle();
        RecordOutcomes();
        Dispatch();
        Settle();
        Finish();
    }

    private void Take(CoreInput input)
    {
        _metadata = input.Metadata;
        switch (input)
        {
            case CoreInput.ForJob i: TakeJobCommands(i); break;
            case CoreInput.ForAgent i: TakeAgentCommand(i); break;
            case CoreInput.Reserve i: TakeReserve(i); break;
            case CoreInput.Release i: _reserved.Remove(i.Job); break;
            case CoreInput.Lease i: TakeLease(i); break;
            case CoreInput.AbandonLease i: Abandon(i.Gone); break;
            case CoreInput.Beat i: TakeBeat(i); break;
            case CoreInput.Settle i: TakeSettle(i); break;
            case CoreInput.Look i: TakeLook(i); break;
            case CoreInput.JobLoaded i: Arrive(i); break;
            case CoreInput.TaskLoaded i: Arrive(i); break;
            case CoreInput.AgentLoaded i: Arrive(i); break;
            case CoreInput.ChunkLoaded i: Arrive(i); break;
            default: throw new UnreachableException($"Unknown input {input.GetType().Name}.");
        }
    }

    /// <summary>Follows the messages until nobody has anything to say.</summary>
    private void Settle()
    {
        while (_mail.TryDequeue(out Message? message))
        {
            Deliver(message);
        }
    }

    private void Deliver(Message message)
    {
        switch (message)
        {
            case Message.Offer m: Take(m); break;
            case Message.SetPaused m: SetPaused(m.Job, m.IsPaused); break;
            case Message.Withdraw m: Withdraw(m.Job); break;
            case Message.Cancel m:
                _stops.Enqueue(new StopOfTasks(m.Job, m.First, m.Count, now => new TaskCommand.Cancel(now, m.Run)));
                break;
            case Message.Skip m:
                _stops.Enqueue(
                    new StopOfTasks(m.Job, m.First, m.Count, now => new TaskCommand.Skip(now, m.Run, m.Cause)));
                break;
            case Message.WatchLease m: Watch(m); break;
            case Message.ForgetLease m: _leases.Forget(m.Task, m.Token); break;
            case Message.SessionEnded m: TakeBackLeasesOf(m); break;
            default: throw new UnreachableException($"The message {message.GetType().Name} is not delivered here.");
        }
    }

    /// <summary>Ends the step: outcomes are recorded many at once, what has ended leaves memory, the next wake is
    /// computed.</summary>
    private void Finish()
    {
        // What the dispatch brought to light is rare, and what it set free is dispatched by the next step, at once.
        _isDispatchCut |= RecordOutcomes();
        foreach (LiveJob job in _touchedJobs)
        {
            Leave(job);
        }

        // After the jobs: with a job leave those of its tasks that were held for their turn.
        foreach (LiveTask task in _touchedTasks)
        {
            Leave(task);
        }

        foreach (LiveAgent agent in _touchedAgents)
        {
            Leave(agent);
        }

        _touchedTasks.Clear();
        _orphans.Clear();
        _touchedJobs.Clear();
        _touchedAgents.Clear();
        DropEmptyQueues();
        _batch = new CoreBatch(); // Nothing may be added to the caller's batch from here on.
        NextWake = WhenNext();
        _awaitedBy = NextWake;
    }

    private TimeSpan WhenNext()
    {
        // A load that comes is a step.
        if (_sweeps.Count > 0 || (_stops.Count > 0 && !IsLoadingMuch) || _isDispatchCut)
        {
            return _now.Monotonic;
        }

        TimeSpan next = _now.Monotonic + _options.TickInterval;
        if (_leases.NextDeadline is { } deadline && deadline < next)
        {
            next = deadline;
        }

        foreach (KindQueue queue in _queues.Values)
        {
            if (queue.Ready.NextDue is { } due && due - _now.Utc < next - _now.Monotonic)
            {
                next = _now.Monotonic + (due - _now.Utc);
            }
        }

        return next > _now.Monotonic ? next : _now.Monotonic;
    }

    private KindQueue QueueOf(string kind)
    {
        if (!_queues.TryGetValue(kind, out KindQueue? queue))
        {
            _queues.Add(kind, queue = new KindQueue(kind));
            foreach (JobId job in _paused)
            {
                queue.Ready.SetPaused(job, isPaused: true);
            }
        }

        return queue;
    }

    private void SetPaused(JobId job, bool isPaused)
    {
        _ = isPaused ? _paused.Add(job) : _paused.Remove(job);
        foreach (KindQueue queue in _queues.Values)
        {
            queue.Ready.SetPaused(job, isPaused);
        }
    }

    private void Withdraw(JobId job)
    {
        _paused.Remove(job);
        foreach (KindQueue queue in _queues.Values)
        {
            queue.Ready.Withdraw(job);
        }

        ReleaseAll(job);
    }
}

/// <summary>What a core did since it was made.</summary>
public sealed class CoreCounters
{
    /// <summary>Leases given.</summary>
    public long Granted { get; internal set; }

    /// <summary>Results recorded.</summary>
    public long Settled { get; internal set; }

    /// <summary>Results refused.</summary>
    public long Refused { get; internal set; }

    /// <summary>Leases taken back.</summary>
    public long TakenBack { get; internal set; }
}
