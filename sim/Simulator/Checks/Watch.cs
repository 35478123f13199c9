using System.Globalization;
using Elasticity.Domain;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator.Checks;

/// <summary>Sees everything that goes into an engine, comes out of it, and becomes durable; asks the checkers about
/// each.</summary>
internal sealed class Watch(Agenda agenda, Plan plan)
{
    private readonly LeaseTiming _timing = new(plan);
    private readonly IdleRules _idle = new(plan);
    private readonly WaitRules _waits = new(agenda, plan);
    private readonly ReplyRules _replies = new(agenda, plan);
    private readonly ProgressRules _progress = new();
    private readonly OrderRules _order = new(agenda, plan);
    private readonly TurnRules _turns = new(agenda, plan);
    private readonly Origin? _cluster = plan.IsQuietCluster
        ? new Origin("cluster", TimeSpan.Zero, default)
        : null;

    private readonly ClusterTiming _clusterTiming = new(agenda, plan);
    private readonly SilenceRules _silence = new(agenda, plan);
    private readonly MemoryRules _memory = new();

    /// <summary>What happened, if anybody wants to read it.</summary>
    public List<string>? Trace { get; set; }

    public Ledger Ledger { get; } = new(
        plan.RateOf(Fault.WallClockJumps) == 0 && (!plan.IsCluster || plan.RateOf(Fault.ClockDrifts) == 0),
        plan.Engine.Core.Limits.LeasesPerSessionMax,
        isAtomic: !plan.IsCluster);

    public Coverage Coverage { get; } = new();

    public LogModel Log => field ??= new LogModel(Ledger, Coverage);

    /// <summary>Whether nobody answers who may have missed something: not so in a cluster where grains are doubled or
    /// stand still.</summary>
    public bool IsExact { get; } = !plan.IsCluster || ClusterTiming.IsExact(plan);

    /// <summary>How many jobs may be unended at once.</summary>
    public int OpenJobsMax => plan.Engine.Core.OpenJobsMax;

    /// <summary>Whether as many agents were live as may be, at some time since then.</summary>
    public bool HasManyAgents(long since) =>
        Log.Agents.Values.Count(a => a.IsOpen || a.GoneIn > since) >= plan.Engine.Core.AgentsMax;

    /// <summary>Jobs that a client was told are accepted.</summary>
    public HashSet<string> Accepted { get; } = [];

    /// <summary>Redrives with an id that were answered: asked for once more, they are known again.</summary>
    public HashSet<(string Job, string Request)> Redriven { get; } = [];

    public long StepCount { get; private set; }

    /// <summary>A running hash of everything seen: the same seed gives the same one.</summary>
    public ulong Fingerprint { get; private set; } = 14_695_981_039_346_656_037;

    public void Note(string text)
    {
        Mix(text);
        Write(text);
    }

    /// <summary>An engine takes a step.</summary>
    public void Stepping(Host process, List<CoreInput> inputs)
    {
        StepCount++;
        Ledger.Stepping(process);
        foreach (CoreInput input in inputs)
        {
            Ledger.Asked(process, input);
            _silence.Asked(process, input);
            _idle.Asked(process, input);
            _waits.Asked(process, input);
            _order.Asked(process, input);
            _progress.Asked(process, input);
            _replies.Asked(process, input);
            if (Trace is not null)
            {
                Write($"{process.Name} <- {Words.Of(input)}");
            }
        }
    }

    /// <summary>A silo takes a call in.</summary>
    public void Asked(Host host, CoreInput input)
    {
        StepCount++;
        Ledger.Asked(host, input);
        _silence.Asked(host, input);
        _order.Asked(host, input);
        if (Trace is not null)
        {
            Write($"{host.Name} <- {Words.Of(input)}");
        }
    }

    /// <summary>The edge refuses a call; the engine is not asked.</summary>
    public void Refused(Host host, string code)
    {
        Coverage.Answered("A message", code);
        Write($"{host.Name} refuses a message: {code}");
    }

    /// <summary>An answer leaves an engine, whose store may belong to somebody else since a time.</summary>
    public void Answering(Host process, TimeSpan succeededAt, Call call, object answer)
    {
        Law.Require(
            succeededAt >= call.AskedAt, "former-owners-are-silent", process.Name,
            $"asked at {call.AskedAt}, succeeded at {succeededAt}, and answers");
        if (Trace is not null)
        {
            Write($"{process.Name} -> {Words.Of(call.Input)}: {Words.Of(answer)}");
        }

        _idle.Over(call);
        _waits.Over(call, answer);
        _order.Over(call);
        if (!call.IsOver)
        {
            _progress.Answered(process, call, answer, Log);
            AnswerRules.Check(this, call, answer);
            _clusterTiming.Answered(call, answer);
            _silence.Answered(call);
        }
    }

    /// <summary>A batch became durable.</summary>
    public void Written(Origin origin, AppendBatch batch)
    {
        foreach (StreamAppend append in batch.Streams)
        {
            for (int i = 0; i < append.Events.Count; i++)
            {
                EventRecord e = append.Events[i];
                Mix(e.Hash.ToString());
                if (Trace is not null)
                {
                    long version = append.Expected.Version + i + 1;
                    Write($"  {origin.Process} wrote {append.Stream} {version} {e.Type} {Words.Of(e)}");
                }
            }
        }

        if (plan.IsCluster)
        {
            _clusterTiming.Check(batch, Log);
            Log.Apply(batch);
            _silence.Check(origin, batch, Ledger);
            if (_cluster is not null)
            {
                CheckOrder(_cluster, batch); // Its queues are no single silo's.
            }

            return;
        }

        _timing.Check(origin, batch, Ledger, Log);
        Log.Apply(batch);
        _silence.Check(origin, batch, Ledger);
        CheckOrder(origin, batch);
    }

    /// <summary>The streams of a job were replaced by a tombstone.</summary>
    public void Trimmed(IReadOnlyList<StreamInfo> streams, AppendBatch tombstone)
    {
        Note($"trimmed {streams[0].Stream}, {streams.Count} streams");
        Log.Trim(streams, tombstone);
    }

    /// <summary>How often an engine's memory was held against the log.</summary>
    public long MemoryLooks => _memory.Looks;

    /// <summary>Looks, once a second, for somebody who waits for nothing, and into the engines' memory.</summary>
    public void Look(IReadOnlyCollection<Host> processes)
    {
        _idle.Check(agenda.Now, processes, Log);
        _silence.Look(processes, Log);
        _replies.Look();
        _order.Look();
        _memory.Check(agenda.Now, processes.OfType<EngineProcess>(), Log);
    }

    /// <summary>Looks at how a request for tasks was answered.</summary>
    public void CheckWaiting(Call call, Rejection? rejection) => _waits.CheckRefusal(call, rejection);

    /// <summary>An engine stands still.</summary>
    public void Froze(Host process, TimeSpan until)
    {
        _timing.Froze(process, agenda.Now, until);
        _silence.Froze(process, until);
    }

    /// <summary>An engine takes a step later than it wished to, by so much.</summary>
    public void Waited(Host process, TimeSpan length) => _timing.Waited(process, length);

    private void CheckOrder(Origin origin, AppendBatch batch)
    {
        IReadOnlyList<(ModelTask Task, ModelLease Lease)> leased = Log.LeasedIn(batch);
        _turns.Check(origin, leased, Ledger, Log);
        _order.Check(origin, leased, Log);
    }

    private void Write(string text) =>
        Trace?.Add(string.Create(CultureInfo.InvariantCulture, $"{agenda.Now.TotalSeconds,10:0.0000}  {text}"));

    private void Mix(string text)
    {
        foreach (char c in text)
        {
            Fingerprint = (Fingerprint ^ c) * 1_099_511_628_211;
        }
    }
}

/// <summary>Who decided a batch.</summary>
/// <param name="Process">Which engine.</param>
/// <param name="Life">Since when it serves, true time.</param>
/// <param name="LifeUtc">The same by its wall clock.</param>
internal sealed record Origin(string Process, TimeSpan Life, DateTimeOffset LifeUtc);
