using System.Collections.Immutable;
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

    public async Task<TaskTold> CommandAsync(TaskCommand command)
    {
        command = command with { Now = Silo.Utc };
        if (command is TaskCommand.Settle settle)
        {
            command = settle with { Chance = Silo.Dice.Unit() };
        }

        Lease? before = null;
        Decision<TaskEvent> decision = await DecideAsync(state =>
        {
            before = state.Lease;
            Decision<TaskEvent> decision = TaskDecider.Decide(_id, state, command);
            return _isTrimmed && !decision.Events.IsEmpty
                ? Decision<TaskEvent>.Reject(RejectionCode.TaskUnknown, $"Job {_id.Job} was trimmed.")
                : decision;
        });
        TaskTold told = Told(decision.Rejection, decision.Messages, before);
        if (!Current.IsOpen)
        {
            Silo.Cluster.Forget(Silo, Id); // What has ended leaves memory.
        }

        return told;
    }

    /// <summary>Where it stands, and not where a stale activation believes that it does.</summary>
    public async Task<TaskTold> StandsAsync()
    {
        await IsFreshAsync();
        return await OutstandingAsync(seen: null);
    }

    public async Task<TaskTold> OutstandingAsync(StreamHead? seen)
    {
        await CatchUpAsync(seen);
        Message? message = TaskDecider.Outstanding(_id, Current);
        return Told(null, message is null ? [] : [message], Current.Lease);
    }

    protected override async ValueTask<(TaskState State, StreamHead Head)> FoldAsync(StateReader reader)
    {
        (TaskState state, StreamHead head) = await reader.TaskAsync(_id, long.MaxValue, CancellationToken.None);
        _isTrimmed = head == StreamHead.None && (await reader.JobAsync(
            _id.Job, long.MaxValue, CancellationToken.None)).State.IsTrimmed;
        return (Slim(state), head);
    }

    protected override TaskState Evolve(TaskState state, TaskEvent @event) => Slim(TaskDecider.Evolve(state, @event));

    protected override EventRecord Encode(StreamHead head, TaskEvent @event) =>
        EventCodec.Encode(Stream, head, @event, default);

    protected override bool IsOpen(TaskState state) => state.IsOpen;

    private static TaskState Slim(TaskState state) => state with { LastSettlement = null };

    private TaskTold Told(Rejection? rejection, ImmutableArray<Message> messages, Lease? holder)
    {
        TaskState state = Current;
        ImmutableArray<Letter>.Builder letters = ImmutableArray.CreateBuilder<Letter>(messages.Length);
        foreach (Message message in messages)
        {
            switch (message)
            {
                case Message.WatchLease m: letters.Add(new Letter(m, m.Lease.Agent)); break;
                case Message.TaskEnded m: letters.Add(new Letter(m, Head: Head.Hash.ToString())); break;
                case Message.ForgetLease m when holder is not null && holder.Token == m.Token:
                    letters.Add(new Letter(m, holder.Agent));
                    break;
                case Message.ForgetLease: break; // Nobody minds a lease that ended before.
                default: letters.Add(new Letter(message)); break;
            }
        }

        return new TaskTold(
            rejection,
            letters.DrainToImmutable(),
            state.Run,
            state.Lease,
            state.Terms?.EffectiveLeaseLength ?? TimeSpan.Zero);
    }
}
