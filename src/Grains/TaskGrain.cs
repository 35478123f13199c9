using System.Collections.Immutable;
using System.Globalization;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Orleans.Concurrency;
using Orleans.Providers;

namespace Elasticity.Grains;

/// <inheritdoc cref="ITaskGrain"/>
/// <param name="store">The log.</param>
/// <param name="clock">The clocks.</param>
[Reentrant]
[LogConsistencyProvider(ProviderName = Journal.Provider)]
public sealed class TaskGrain(IEventStore store, EngineClock clock) : AggregateGrain<TaskState, TaskEvent>(store),
    ITaskGrain
{
    private TaskId _id;

    /// <inheritdoc/>
    protected override TaskState Initial => TaskState.Untouched;

    /// <inheritdoc/>
    protected override StreamId Stream => StreamNames.Of(_id);

    /// <inheritdoc/>
    protected override int Shard => StreamNames.ShardOf(_id.Job.Value, Store.ShardCount);

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
        command = command with { Now = clock.Utc };
        if (command is TaskCommand.Settle settle)
        {
            command = settle with { Chance = Random.Shared.NextDouble() };
        }

        Lease? before = null;
        Decision<TaskEvent> decision = await DecideAsync(state =>
        {
            before = state.Lease;
            return TaskDecider.Decide(_id, state, command);
        });
        TaskTold told = Told(decision.Rejection, decision.Messages, before) with
        {
            WasCurrent = before is not null && before.Token == TokenOf(command),
        };
        if (!Current.IsOpen)
        {
            DeactivateOnIdle(); // What has ended leaves memory.
        }

        return told;
    }

    /// <inheritdoc/>
    public Task<TaskTold> OutstandingAsync()
    {
        Message? message = TaskDecider.Outstanding(_id, Current);
        return Task.FromResult(Told(null, message is null ? [] : [message], Current.Lease));
    }

    /// <inheritdoc/>
    protected override async ValueTask<(TaskState State, StreamHead Head)> FoldAsync()
    {
        (TaskState state, StreamHead head) = await new StateReader(Store)
            .TaskAsync(_id, long.MaxValue, CancellationToken.None);
        return (Slim(state), head);
    }

    /// <inheritdoc/>
    protected override TaskState Evolve(TaskState state, TaskEvent @event) =>
        Slim(TaskDecider.Evolve(state, @event));

    /// <inheritdoc/>
    protected override EventRecord Encode(StreamHead head, TaskEvent @event) =>
        EventCodec.Encode(Stream, head, @event, TraceMetadata.OfCurrentActivity());

    /// <inheritdoc/>
    protected override bool IsOpen(TaskState state) => state.IsOpen;

    /// <summary>Results are large, and no decision looks at them.</summary>
    private static TaskState Slim(TaskState state) => state with { LastSettlement = null };

    private static long? TokenOf(TaskCommand command) => command switch
    {
        TaskCommand.Settle c => c.Token,
        TaskCommand.Expire c => c.Token,
        TaskCommand.Lose c => c.Token,
        _ => null,
    };

    private TaskTold Told(Rejection? rejection, ImmutableArray<Message> messages, Lease? holder)
    {
        TaskState state = Current;
        string? kind = state.Terms?.Kind;
        ImmutableArray<Letter>.Builder letters = ImmutableArray.CreateBuilder<Letter>(messages.Length);
        foreach (Message message in messages)
        {
            switch (message)
            {
                case Message.WatchLease m: letters.Add(new Letter(m, m.Lease.Agent, Kind: kind)); break;
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
            state.Terms?.EffectiveLeaseLength ?? TimeSpan.Zero,
            WasCurrent: false);
    }
}
