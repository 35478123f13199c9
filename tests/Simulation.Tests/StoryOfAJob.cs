using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Simulation.Tests;

/// <summary>
/// A log of one job whose second task depends on the first, told event by event: also as no engine would write it.
/// Each sentence is a step of its own, a second after the one before; what follows <see cref="AtOnce"/> is in the same.
/// </summary>
internal sealed class StoryOfAJob
{
    private const string Kind = "touch";

    private static readonly JobId Job = new("a");
    private static readonly AgentId Agent = new("agent");
    private static readonly SessionId Session = new("session");

    private readonly Dictionary<StreamId, StreamHead> _heads = [];
    private DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private bool _isAtOnce;

    /// <summary>What was told so far.</summary>
    public List<StoredEvent> Events { get; } = [];

    /// <summary>The next sentence happens in the same step.</summary>
    public StoryOfAJob AtOnce
    {
        get
        {
            _isAtOnce = true;
            return this;
        }
    }

    public StoryOfAJob Submitted()
    {
        JobHeader header = new("n", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);
        TaskSpec task = new() { Kind = Kind };
        AgentOffer offer = new([Kind], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);
        return Tell(
            new JobEvent.Opened(Next(), header, new string('a', 64), 2),
            new JobEvent.TasksAdded(_now, 0, [task, task with { DependsOn = [0] }], new string('a', 64)),
            new JobEvent.Sealed(_now))
            .Tell(new AgentEvent.Registered(_now, Session, offer));
    }

    public StoryOfAJob Leased(int index)
    {
        Lease lease = new(1, 1, Agent, Session, $"request-{index}");
        return Tell(index, new TaskEvent.Leased(Next(), 1, lease, new TaskTerms(Kind, 0, null, null)));
    }

    /// <summary>And its job records it.</summary>
    public StoryOfAJob Succeeded(int index)
    {
        SucceededUnheard(index);
        string head = _heads[StreamNames.Of(new TaskId(Job, index))].Hash.ToString();
        return Tell(new JobEvent.OutcomesRecorded(_now, [new OutcomeRecord(index, 1, TaskOutcome.Succeeded, head)]));
    }

    public StoryOfAJob SucceededUnheard(int index) =>
        Tell(index, new TaskEvent.Succeeded(Next(), 1, Payload.FromJson("1")));

    public StoryOfAJob Paused() => Tell(new JobEvent.Paused(Next()));

    public StoryOfAJob Resumed() => Tell(new JobEvent.Resumed(Next()));

    public StoryOfAJob Cancelled() => Tell(new JobEvent.CancelRequested(Next()));

    public StoryOfAJob Ended(JobOutcome outcome) => Tell(new JobEvent.Ended(Next(), outcome));

    private DateTimeOffset Next()
    {
        _now = _isAtOnce ? _now : _now.AddSeconds(1);
        _isAtOnce = false;
        return _now;
    }

    private StoryOfAJob Tell(params JobEvent[] events)
    {
        foreach (JobEvent e in events)
        {
            StreamId stream = StreamNames.Of(Job);
            Add(stream, EventCodec.Encode(stream, HeadOf(stream), e, default));
        }

        return this;
    }

    private StoryOfAJob Tell(int index, TaskEvent e)
    {
        StreamId stream = StreamNames.Of(new TaskId(Job, index));
        return Add(stream, EventCodec.Encode(stream, HeadOf(stream), e, default));
    }

    private StoryOfAJob Tell(AgentEvent e)
    {
        StreamId stream = StreamNames.Of(Agent);
        return Add(stream, EventCodec.Encode(stream, HeadOf(stream), e, default));
    }

    private StreamHead HeadOf(StreamId stream) => _heads.GetValueOrDefault(stream, StreamHead.None);

    private StoryOfAJob Add(StreamId stream, EventRecord record)
    {
        StreamHead head = new(HeadOf(stream).Version + 1, record.Hash);
        _heads[stream] = head;
        Events.Add(new StoredEvent(stream, head.Version, record));
        return this;
    }
}
