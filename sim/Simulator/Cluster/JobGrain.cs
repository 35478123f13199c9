using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Queues;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Simulator.Cluster;

/// <summary>A job in the cluster: see <c>src/Grains/JobGrain.cs</c>.</summary>
internal sealed class JobGrain(SiloProcess silo, string key) : AggregateGrain<JobState, JobEvent>(silo, key)
{
    private readonly JobId _id = new(key);
    private List<OutcomeRecord> _told = [];
    private Task<JobTold>? _recording;

    protected override GrainId Id => new(GrainKind.Job, Key);

    protected override StreamId Stream => StreamNames.Of(_id);

    protected override int Shard => StreamNames.ShardOf(_id.Value, Silo.Store.ShardCount);

    protected override StreamId? Tombstone => StreamNames.TombstoneOf(_id);

    protected override bool IsRemoved => Current.IsTrimmed;

    private Limits Limits => Silo.Plan.Engine.Core.Limits;

    public async Task<JobTold> CommandAsync(ImmutableArray<JobCommand> commands)
    {
        bool wasKnown = false;
        Decision<JobEvent> decision = await DecideAsync(state =>
        {
            wasKnown = state.SealedAt is not null;
            return Decide(state, commands, Silo.Utc);
        });
        return Told(decision, wasKnown);
    }

    /// <summary>Records how runs ended. Calls that come while one is stored are stored together.</summary>
    public async Task<JobTold> RecordAsync(ImmutableArray<OutcomeRecord> outcomes)
    {
        _told.AddRange(outcomes);
        if (_recording is { } joined)
        {
            return await joined with { Letters = [], Sweep = false }; // Whoever began it delivers what follows.
        }

        TaskCompletionSource<JobTold> recording = new();
        _recording = recording.Task;
        try
        {
            JobTold told = await RecordAllAsync();
            recording.SetResult(told);
            return told;
        }
        catch (Exception e)
        {
            _recording = _recording == recording.Task ? null : _recording;
            recording.SetException(e);
            _ = recording.Task.Exception; // Observed, also when nobody joined.
            throw;
        }
    }

    public async Task<(ImmutableArray<Letter> Letters, int? Next)> OutstandingAsync(int cursor, long version)
    {
        if (version > Head.Version)
        {
            await IsFreshAsync(); // It may have stood still since it came up, and nothing else would ever tell it.
        }

        JobState state = Current;
        (ImmutableArray<Message> messages, int? next) = JobDecider.Outstanding(_id, state, cursor);
        return (Letters(state, messages), next);
    }

    public async Task<ImmutableArray<Admission?>> AdmitAsync(ImmutableArray<ReadyTask> tasks)
    {
        ImmutableArray<Admission?>.Builder admissions = ImmutableArray.CreateBuilder<Admission?>(tasks.Length);
        foreach (ReadyTask task in tasks)
        {
            JobState state = Current;
            TaskSpec? spec = state.Awaits(task.Task.Index, task.Run) ? await SpecAsync(state, task.Task.Index) : null;
            admissions.Add(spec is null ? null : new Admission(spec, spec.Terms(state.Header.Policy)));
        }

        return admissions.MoveToImmutable();
    }

    public async Task<ImmutableArray<TaskSpec?>> SpecsAsync(ImmutableArray<int> indexes)
    {
        JobState state = Current;
        ImmutableArray<TaskSpec?>.Builder specs = ImmutableArray.CreateBuilder<TaskSpec?>(indexes.Length);
        foreach (int index in indexes)
        {
            specs.Add(state.IsTrimmed || index < 0 || index >= state.TasksAdded ? null : await SpecAsync(state, index));
        }

        return specs.MoveToImmutable();
    }

    public async Task<Rejection?> TrimAsync()
    {
        StreamHead head;
        Decision<JobEvent> decision;
        do
        {
            head = Head;
            decision = JobDecider.Decide(_id, Current, new JobCommand.Trim(Silo.Utc, head.Hash.ToString()), Limits);
        }
        while (!await IsFreshAsync());
        if (decision.Rejection is null && !decision.Events.IsEmpty)
        {
            List<StreamInfo> streams = await Silo.Store.ReadAsync(s => JobTrimmer.StreamsOfAsync(s, _id, head));
            StreamId stream = StreamNames.TombstoneOf(_id);
            EventRecord record = EventCodec.Encode(stream, StreamHead.None, decision.Events[0], default);
            StreamAppend tombstone = new(stream, StreamHead.None, Shard, IsOpen: false, [record]);
            await Silo.Store.TrimAsync(streams, new AppendBatch(Silo.NewId(), [tombstone], []));
            await RefreshAsync();
        }

        return decision.Rejection;
    }

    protected override ValueTask<(JobState State, StreamHead Head)> FoldAsync(StateReader reader) =>
        reader.JobAsync(_id, long.MaxValue, CancellationToken.None);

    protected override JobState Evolve(JobState state, JobEvent @event) => JobDecider.Evolve(state, @event);

    protected override EventRecord Encode(StreamHead head, JobEvent @event) =>
        EventCodec.Encode(Stream, head, @event, default);

    protected override bool IsOpen(JobState state) => state.IsOpen;

    protected override IReadOnlyList<JobRow> Rows(JobState state) => [JobRows.Of(_id, state)];

    private async Task<TaskSpec> SpecAsync(JobState state, int index)
    {
        TaskChunk chunk = state.ChunkOf(index);
        JobEvent.TasksAdded read = await Silo.Store.ReadAsync(
            s => new StateReader(s).ChunkAsync(_id, chunk.Version, CancellationToken.None));
        return read.Tasks[index - chunk.First];
    }

    private async Task<JobTold> RecordAllAsync()
    {
        ImmutableArray<OutcomeRecord>? taken = null;
        Decision<JobEvent> decision = await DecideAsync(state =>
        {
            if (taken is null)
            {
                taken = [.. _told];
                _told = [];
                _recording = null;
            }

            return JobDecider.Decide(_id, state, new JobCommand.RecordOutcomes(Silo.Utc, taken.Value), Limits);
        });
        return Told(decision, wasKnown: true);
    }

    private Decision<JobEvent> Decide(JobState state, ImmutableArray<JobCommand> commands, DateTimeOffset now)
    {
        Decision<JobEvent> all = Decision<JobEvent>.NoChange;
        foreach (JobCommand command in commands)
        {
            Decision<JobEvent> one = JobDecider.Decide(_id, state, command with { Now = now }, Limits);
            all = new Decision<JobEvent>(
                [.. all.Events, .. one.Events],
                [.. all.Messages, .. one.Messages],
                one.Rejection,
                all.Sweep || one.Sweep);
            if (one.Rejection is not null)
            {
                break;
            }

            state = one.Events.Aggregate(state, JobDecider.Evolve);
        }

        return all;
    }

    private JobTold Told(Decision<JobEvent> decision, bool wasKnown)
    {
        JobState state = Current;
        ImmutableArray<Letter> letters = Letters(state, decision.Messages);
        if (!state.IsOpen && !decision.Events.IsEmpty)
        {
            letters = letters.Add(new Letter(new Message.Withdraw(_id, state.Version), Kinds: [.. state.Kinds()]));
        }

        return new JobTold(
            new JobAnswer(
                state.Phase == JobPhase.None ? null : JobSummary.Of(_id, state),
                new SubmitProgress(state.TasksAdded, state.SealedAt is not null),
                wasKnown,
                decision.Rejection),
            letters,
            decision.Sweep,
            Head.Version);
    }

    private static ImmutableArray<Letter> Letters(JobState state, ImmutableArray<Message> messages) =>
        [.. messages.Select(m => m is Message.SetPaused or Message.Withdraw
            ? new Letter(m, Kinds: [.. state.Kinds()])
            : new Letter(m))];
}
