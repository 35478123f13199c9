using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Simulator.Cluster;

/// <summary>The shell around a decider as <c>src/Grains/AggregateGrain.cs</c> has it: decide, append at the head that
/// was decided on, evolve; read and decide again when somebody else was there first. Keep the two together.</summary>
internal abstract class AggregateGrain<TState, TEvent>(SiloProcess silo, string key) : Grain(silo, key)
    where TState : class
    where TEvent : class
{
    private const int DecisionsMax = 16;
    private const int AppendsMax = 4;
    private static readonly TimeSpan AppendPause = TimeSpan.FromMilliseconds(50);

    private readonly Queue<TaskCompletionSource> _turns = new();
    private bool _isBusy;
    private Exception? _failure;

    protected TState Current { get; private set; } = null!;

    protected StreamHead Head { get; private set; }

    protected abstract GrainId Id { get; }

    protected abstract StreamId Stream { get; }

    protected abstract int Shard { get; }

    public override async Task ActivateAsync() => await RefreshAsync();

    protected abstract ValueTask<(TState State, StreamHead Head)> FoldAsync(StateReader reader);

    protected abstract TState Evolve(TState state, TEvent @event);

    protected abstract EventRecord Encode(StreamHead head, TEvent @event);

    protected abstract bool IsOpen(TState state);

    /// <summary>What stands for this stream when it was removed: a late letter must not begin it anew.</summary>
    protected virtual StreamId? Tombstone => null;

    /// <summary>Whether the state is that of a stream which was removed.</summary>
    protected virtual bool IsRemoved => false;

    protected virtual IReadOnlyList<JobRow> Rows(TState state) => [];

    /// <summary>Decides and appends; tells the decision when it is durable. One decision at a time.</summary>
    protected async Task<Decision<TEvent>> DecideAsync(Func<TState, Decision<TEvent>> decide)
    {
        await EnterAsync();
        try
        {
            for (int i = 0; i < DecisionsMax; i++)
            {
                Decision<TEvent> decision = decide(Current);
                bool holds = decision.Events.IsEmpty
                    ? await IsFreshAsync()
                    : await RaiseAsync([.. decision.Events]);
                if (holds)
                {
                    return decision;
                }

                if (_failure is { } failure)
                {
                    throw new EngineUnavailableException("store-failed", failure.Message, failure);
                }
            }

            throw new EngineUnavailableException(
                "engine-overloaded", $"{Stream} was changed by somebody else {DecisionsMax} times in a row.");
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Whether nobody else has appended; reads the stream again if somebody has.</summary>
    protected async Task<bool> IsFreshAsync()
    {
        // Another call may read on while this one waits: then what was decided is old.
        (StreamHead known, bool wasRemoved) = (Head, IsRemoved);
        if (await ReadHeadAsync(Stream) == known
            && (known != StreamHead.None || wasRemoved || !await HasTombstoneAsync()))
        {
            return true;
        }

        await RefreshAsync();
        return false;
    }

    protected async Task RefreshAsync() =>
        (Current, Head) = await Silo.Store.ReadAsync(store => FoldAsync(new StateReader(store)));

    protected async Task<bool> HasTombstoneAsync() =>
        Tombstone is { } tombstone && await ReadHeadAsync(tombstone) != StreamHead.None;

    private Task<StreamHead> ReadHeadAsync(StreamId stream) =>
        Silo.Store.ReadAsync(s => s.ReadHeadAsync(stream, CancellationToken.None));

    private async Task<bool> RaiseAsync(IReadOnlyList<TEvent> events)
    {
        if (_failure is not null)
        {
            return false;
        }

        (List<EventRecord> records, StreamHead head, TState state) =
            EventWriter.Write(Head, Current, events, Encode, Evolve);
        StreamAppend append = new(Stream, Head, Shard, IsOpen(state), records);
        if (await AppendAsync(append, Rows(state)))
        {
            (Current, Head) = (state, head);
            return true;
        }

        if (_failure is not null)
        {
            Silo.Cluster.Forget(Silo, Id); // The next activation reads what is true.
            return false;
        }

        await RefreshAsync();
        return false;
    }

    private async Task<bool> AppendAsync(StreamAppend append, IReadOnlyList<JobRow> rows)
    {
        for (int i = 1; ; i++)
        {
            try
            {
                AppendBatch batch = new(Silo.NewId(), [append], rows)
                {
                    Absent = append.Expected == StreamHead.None && Tombstone is { } tombstone ? [tombstone] : [],
                };
                return await Silo.Store.AppendAsync(batch) switch
                {
                    AppendResult.Appended => true,
                    AppendResult.Conflict conflict => conflict.Actual == append.Next, // Our own, unanswered before.
                    _ => throw new InvalidOperationException("Nobody owns this store."),
                };
            }
            catch (EventStoreException) when (i < AppendsMax)
            {
                await Silo.DelayAsync(i * AppendPause);
            }
            catch (EventStoreException e)
            {
                _failure = e;
                return false;
            }
        }
    }

    private async Task EnterAsync()
    {
        if (_isBusy)
        {
            TaskCompletionSource turn = new();
            _turns.Enqueue(turn);
            await turn.Task;
        }

        _isBusy = true;
    }

    private void Leave()
    {
        _isBusy = false;
        if (_turns.TryDequeue(out TaskCompletionSource? next))
        {
            _isBusy = true; // Nobody comes between.
            next.SetResult();
        }
    }
}
