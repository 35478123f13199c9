using System.Globalization;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Providers;

namespace Elasticity.Grains;

/// <inheritdoc cref="ITaskGrain"/>
/// <param name="store">The log.</param>
/// <param name="clock">The clocks.</param>
[Reentrant]
[PreferLocalPlacement]
[CollectionAgeLimit(Minutes = IdleMinutes)]
[LogConsistencyProvider(ProviderName = Journal.Provider)]
public sealed class TaskGrain(IEventStore store, EngineClock clock) : AggregateGrain<TaskState, TaskEvent>(store),
    ITaskGrain
{
    /// <summary>What a desk ended in the meantime does not stay in memory for long.</summary>
    private const int IdleMinutes = 2;

    private TaskId _id;
    private bool _isTrimmed;

    /// <inheritdoc/>
    protected override TaskState Initial => TaskState.Untouched;

    /// <inheritdoc/>
    protected override StreamId Stream => StreamNames.Of(_id);

    /// <inheritdoc/>
    protected override int Shard => StreamNames.ShardOf(_id.Job.Value, Store.ShardCount);

    /// <inheritdoc/>
    protected override StreamId? Tombstone => StreamNames.TombstoneOf(_id.Job);

    /// <inheritdoc/>
    protected override bool IsRemoved => _isTrimmed;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string key = this.GetPrimaryKeyString();
        int slash = key.LastIndexOf('/');
        _id = new TaskId(new JobId(key[..slash]), int.Parse(key.AsSpan(slash + 1), CultureInfo.InvariantCulture));
        return base.OnActivateAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<TaskTold> CommandAsync(TaskCommand command)
    {
        command = clock.Stamp(command);
        Lease? before = null;
        Decision<TaskEvent> decision = await DecideAsync(state =>
        {
            before = state.Lease;
            Decision<TaskEvent> decision = TaskDecider.Decide(_id, state, command);
            return _isTrimmed && !decision.Events.IsEmpty
                ? Decision<TaskEvent>.Reject(
                    RejectionCode.TaskUnknown, $"Job {_id.Job} was trimmed, and task {_id} with it.")
                : decision;
        });
        TaskTold told = TaskTold.Of(decision.Rejection, decision.Messages, new KnownTask(Current, Head), before);
        if (!Current.IsOpen)
        {
            DeactivateOnIdle(); // What has ended leaves memory.
        }

        return told;
    }

    /// <inheritdoc/>
    protected override async ValueTask<(TaskState State, StreamHead Head)> FoldAsync()
    {
        (TaskState state, StreamHead head) = await new StateReader(Store)
            .TaskAsync(_id, long.MaxValue, CancellationToken.None);
        _isTrimmed = head == StreamHead.None && await HasTombstoneAsync();
        return (KnownTask.Slim(state), head);
    }

    /// <inheritdoc/>
    protected override TaskState Evolve(TaskState state, TaskEvent @event) =>
        KnownTask.Slim(TaskDecider.Evolve(state, @event));

    /// <inheritdoc/>
    protected override EventRecord Encode(StreamHead head, TaskEvent @event) =>
        EventCodec.Encode(Stream, head, @event, TraceMetadata.OfCurrentActivity());

    /// <inheritdoc/>
    protected override bool IsOpen(TaskState state) => state.IsOpen;
}
