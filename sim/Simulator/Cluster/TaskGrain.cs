using System.Globalization;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Simulator.Cluster;

/// <summary>A task in the cluster: see <c>src/Grains/TaskGrain.cs</c>.</summary>
internal sealed class TaskGrain : AggregateGrain<TaskState, TaskEvent>
{
    private readonly TaskId _id;
    private bool _isTrimmed;

    public TaskGrain(SiloProcess silo, string key)
        : base(silo, key)
    {
        int slash = key.LastIndexOf('/');
        _id = new TaskId(new JobId(key[..slash]), int.Parse(key.AsSpan(slash + 1), CultureInfo.InvariantCulture));
    }

    protected override GrainId Id => new(GrainKind.Task, Key);

    protected override StreamId Stream => StreamNames.Of(_id);

    protected override int Shard => StreamNames.ShardOf(_id.Job.Value, Silo.Store.ShardCount);

    protected override StreamId? Tombstone => StreamNames.TombstoneOf(_id.Job);

    protected override bool IsRemoved => _isTrimmed;

    public async Task<TaskTold> CommandAsync(TaskCommand command)
    {
        command = Silo.Stamp(command);
        Lease? before = null;
        Decision<TaskEvent> decision = await DecideAsync(state =>
        {
            before = state.Lease;
            Decision<TaskEvent> decision = TaskDecider.Decide(_id, state, command);
            return _isTrimmed && !decision.Events.IsEmpty
                ? Decision<TaskEvent>.Reject(RejectionCode.TaskUnknown, $"Job {_id.Job} was trimmed.")
                : decision;
        });
        TaskTold told = TaskTold.Of(decision.Rejection, decision.Messages, new KnownTask(Current, Head), before);
        if (!Current.IsOpen)
        {
            Silo.Cluster.Forget(Silo, Id); // What has ended leaves memory.
        }

        return told;
    }

    protected override async ValueTask<(TaskState State, StreamHead Head)> FoldAsync(StateReader reader)
    {
        (TaskState state, StreamHead head) = await reader.TaskAsync(_id, long.MaxValue, CancellationToken.None);
        _isTrimmed = head == StreamHead.None && await HasTombstoneAsync();
        return (KnownTask.Slim(state), head);
    }

    protected override TaskState Evolve(TaskState state, TaskEvent @event) =>
        KnownTask.Slim(TaskDecider.Evolve(state, @event));

    protected override EventRecord Encode(StreamHead head, TaskEvent @event) =>
        EventCodec.Encode(Stream, head, @event, default);

    protected override bool IsOpen(TaskState state) => state.IsOpen;
}
