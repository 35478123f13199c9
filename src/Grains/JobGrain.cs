using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Queues;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Orleans.Concurrency;
using Orleans.Providers;

namespace Elasticity.Grains;

/// <inheritdoc cref="IJobGrain"/>
/// <param name="store">The log.</param>
/// <param name="chunks">The specifications of tasks.</param>
/// <param name="options">Bounds.</param>
/// <param name="clock">The clocks.</param>
[Reentrant]
[LogConsistencyProvider(ProviderName = Journal.Provider)]
public sealed class JobGrain(IEventStore store, ChunkStore chunks, GrainsOptions options, EngineClock clock)
    : AggregateGrain<JobState, JobEvent>(store), IJobGrain
{
    private readonly StateReader _states = new(store);
    private JobId _id;
    private List<OutcomeRecord> _told = [];
    private Task<JobTold>? _recording;

    /// <inheritdoc/>
    protected override JobState Initial => JobState.None;

    /// <inheritdoc/>
    protected override StreamId Stream => StreamNames.Of(_id);

    /// <inheritdoc/>
    protected override int Shard => StreamNames.ShardOf(_id.Value, Store.ShardCount);

    /// <inheritdoc/>
    protected override StreamId? Tombstone => StreamNames.TombstoneOf(_id);

    /// <inheritdoc/>
    protected override bool IsRemoved => Current.IsTrimmed;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = new JobId(this.GetPrimaryKeyString());
        return base.OnActivateAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<JobTold> CommandAsync(ImmutableArray<JobCommand> commands)
    {
        bool wasKnown = false;
        Decision<JobEvent> decision = await DecideAsync(state =>
        {
            wasKnown = state.SealedAt is not null;
            return Decide(state, commands, clock.Utc);
        });
        foreach (JobEvent.TasksAdded added in decision.Events.OfType<JobEvent.TasksAdded>())
        {
            chunks.Keep(_id, Current, added);
        }

        return Told(decision, wasKnown);
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public async Task<JobPage> OutstandingAsync(int cursor, long version)
    {
        if (version > Head.Version)
        {
            await IsFreshAsync();
        }

        JobState state = Current;
        (ImmutableArray<Message> messages, int? next) = JobDecider.Outstanding(_id, state, cursor);
        return new JobPage(Letters(state, messages), next);
    }

    /// <inheritdoc/>
    public async Task<Admission> AdmitAsync(ImmutableArray<ReadyTask> tasks)
    {
        ImmutableArray<TaskSpec?>.Builder specs = ImmutableArray.CreateBuilder<TaskSpec?>(tasks.Length);
        foreach (ReadyTask task in tasks)
        {
            JobState state = Current;
            if (!state.Awaits(task.Task.Index, task.Run))
            {
                specs.Add(null);
                continue;
            }

            specs.Add(await chunks.SpecAsync(_id, state, task.Task.Index));
        }

        return new Admission(Current.Header.Policy, specs.MoveToImmutable());
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<TaskSpec?>> SpecsAsync(ImmutableArray<int> indexes)
    {
        JobState state = Current;
        ImmutableArray<TaskSpec?>.Builder specs = ImmutableArray.CreateBuilder<TaskSpec?>(indexes.Length);
        foreach (int index in indexes)
        {
            specs.Add(state.IsTrimmed || index < 0 || index >= state.TasksAdded
                ? null
                : await chunks.SpecAsync(_id, state, index));
        }

        return specs.MoveToImmutable();
    }

    /// <inheritdoc/>
    public async Task<Reply<JobSummary>> TrimAsync()
    {
        JobState state;
        StreamHead head;
        Decision<JobEvent> decision;
        do
        {
            (state, head) = (Current, Head);
            decision = JobDecider.Decide(
                _id, state, new JobCommand.Trim(clock.Utc, head.Hash.ToString()), options.Limits);
        }
        while (!await IsFreshAsync());
        if (decision.Rejection is { } rejection)
        {
            return rejection;
        }

        if (decision.Events.IsEmpty)
        {
            return JobSummary.Of(_id, state);
        }

        // Somebody else may have appended since: in another activation, or in this one, for it is reentrant.
        JobState shown = state with { TrimmedAt = decision.Events[0].At };
        await JobTrimmer.TrimAsync(Store, _id, head, Shard, shown, decision.Events[0]);
        chunks.Forget(_id, shown);
        await RefreshNow();
        return JobSummary.Of(_id, shown);
    }

    /// <inheritdoc/>
    protected override ValueTask<(JobState State, StreamHead Head)> FoldAsync() =>
        _states.JobAsync(_id, long.MaxValue, CancellationToken.None);

    /// <inheritdoc/>
    protected override JobState Evolve(JobState state, JobEvent @event) => JobDecider.Evolve(state, @event);

    /// <inheritdoc/>
    protected override EventRecord Encode(StreamHead head, JobEvent @event) =>
        EventCodec.Encode(Stream, head, @event, TraceMetadata.OfCurrentActivity());

    /// <inheritdoc/>
    protected override bool IsOpen(JobState state) => state.IsOpen;

    /// <inheritdoc/>
    protected override IReadOnlyList<JobRow> Rows(JobState state) => [JobRows.Of(_id, state)];

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

            return JobDecider.Decide(
                _id, state, new JobCommand.RecordOutcomes(clock.Utc, taken.Value), options.Limits);
        });
        return Told(decision, wasKnown: true);
    }

    private Decision<JobEvent> Decide(JobState state, ImmutableArray<JobCommand> commands, DateTimeOffset now)
    {
        Decision<JobEvent> all = Decision<JobEvent>.NoChange;
        foreach (JobCommand command in commands)
        {
            Decision<JobEvent> one = JobDecider.Decide(_id, state, command with { Now = now }, options.Limits);
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
            chunks.Forget(_id, state);
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
