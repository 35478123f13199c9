using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;
using Orleans.EventSourcing;
using Orleans.EventSourcing.CustomStorage;

namespace Elasticity.Grains;

/// <summary>The shell around a decider: decide, append at the head that was decided on, evolve.</summary>
/// <remarks>
/// <para>A stale activation never writes: every append names the head of the stream, version and hash, and the store
/// refuses any other. Nor does it mislead: a decision without events is told only after the store has said that the
/// head is still the one that it was made on.</para>
/// <para>Only conditional events are raised. When they are refused, the state is read again and decided on again.
/// An append whose outcome is unknown is sent again as it was: if it had been stored, it meets its own hash.</para>
/// <para>A stream that cannot be read is told to whoever asks, with the code of the store, and the activation ends: the
/// next one reads again.</para>
/// <para>Reentrant, so that calls which only look do not wait for the store; decisions are made one after the
/// other.</para>
/// </remarks>
/// <typeparam name="TState">The state of the domain.</typeparam>
/// <typeparam name="TEvent">Its events.</typeparam>
/// <param name="store">The log.</param>
public abstract class AggregateGrain<TState, TEvent>(IEventStore store)
    : JournaledGrain<Box<TState>, TEvent>, ICustomStorageInterface<Box<TState>, TEvent>
    where TState : class
    where TEvent : class
{
    /// <summary>How often a decision is made again because somebody else appended first.</summary>
    private const int DecisionsMax = 16;

    /// <summary>How often an append is sent again whose outcome is unknown.</summary>
    private const int AppendsMax = 4;

    private static readonly TimeSpan AppendPause = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim _gate = new(1);
    private StreamHead _head;
    private Exception? _failure;

    /// <summary>The log.</summary>
    protected IEventStore Store => store;

    /// <summary>Whether the stream could be read when this activation began.</summary>
    protected bool IsRead { get; private set; }

    /// <summary>The state as this activation knows it.</summary>
    /// <exception cref="EngineUnavailableException">The stream could not be read: an empty state would be a
    /// lie.</exception>
    protected TState Current => IsRead ? State.Value ?? Initial : Unread();

    /// <summary>The head of the stream that <see cref="Current"/> is the fold of.</summary>
    protected StreamHead Head => _head;

    /// <summary>The state before the first event.</summary>
    protected abstract TState Initial { get; }

    /// <summary>The stream.</summary>
    protected abstract StreamId Stream { get; }

    /// <summary>The shard that lists the stream while it is open.</summary>
    protected abstract int Shard { get; }

    /// <summary>What stands for the stream once it was removed; its first event is stored only while this is not
    /// there. Null: it is never removed.</summary>
    protected virtual StreamId? Tombstone => null;

    /// <summary>Whether <see cref="Current"/> is that of a stream which was removed.</summary>
    protected virtual bool IsRemoved => false;

    /// <summary>Reads the stream.</summary>
    /// <returns>Its state and its head.</returns>
    protected abstract ValueTask<(TState State, StreamHead Head)> FoldAsync();

    /// <summary>Applies an event.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="event">The event.</param>
    /// <returns>The state after.</returns>
    protected abstract TState Evolve(TState state, TEvent @event);

    /// <summary>Encodes an event.</summary>
    /// <param name="head">The head before it.</param>
    /// <param name="event">The event.</param>
    /// <returns>The record.</returns>
    protected abstract EventRecord Encode(StreamHead head, TEvent @event);

    /// <summary>Whether the stream waits for something.</summary>
    /// <param name="state">Its state.</param>
    /// <returns>True when recovery must look at it.</returns>
    protected abstract bool IsOpen(TState state);

    /// <summary>Rows of the list of jobs to store with the events.</summary>
    /// <param name="state">The state after them.</param>
    /// <returns>The rows.</returns>
    protected virtual IReadOnlyList<JobRow> Rows(TState state) => [];

    /// <summary>Decides and appends; tells the decision when it is durable.</summary>
    /// <param name="decide">The decider. It may be asked several times, with a newer state each time.</param>
    /// <returns>The decision that holds.</returns>
    /// <exception cref="EngineUnavailableException">The store failed.</exception>
    protected async Task<Decision<TEvent>> DecideAsync(Func<TState, Decision<TEvent>> decide)
    {
        await _gate.WaitAsync();
        try
        {
            for (int i = 0; i < DecisionsMax; i++)
            {
                if (_failure is not null)
                {
                    throw Failed(_failure);
                }

                Decision<TEvent> decision = decide(Current);
                bool holds = decision.Events.IsEmpty
                    ? await IsFreshAsync()
                    : await RaiseConditionalEvents<TEvent>(decision.Events);
                if (holds)
                {
                    return decision;
                }
            }

            throw _failure is not null ? Failed(_failure) : new EngineUnavailableException(
                "engine-overloaded", $"{Stream} was changed by somebody else {DecisionsMax} times in a row.");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Whether nobody else has appended; reads the stream again if somebody has.</summary>
    /// <returns>True when the state as it was when this was called still holds.</returns>
    /// <exception cref="EngineUnavailableException">The store failed.</exception>
    protected async Task<bool> IsFreshAsync()
    {
        // Another call may read on while this one waits: then what was decided is old.
        (StreamHead known, bool wasRemoved) = (_head, IsRemoved);
        try
        {
            if (await store.ReadHeadAsync(Stream, CancellationToken.None) == known
                && (known != StreamHead.None || wasRemoved || !await HasTombstoneAsync()))
            {
                return true;
            }
        }
        catch (EventStoreException e)
        {
            throw new EngineUnavailableException(e);
        }

        await RefreshNow();
        return _failure is null ? false : throw Failed(_failure);
    }

    /// <summary>Whether there is a tombstone: a stream that was not there may have come since, and been removed, and
    /// its head says nothing of that.</summary>
    /// <returns>True when the stream was removed.</returns>
    /// <exception cref="EventStoreException">The store failed.</exception>
    protected async Task<bool> HasTombstoneAsync() => Tombstone is { } tombstone
        && await store.ReadHeadAsync(tombstone, CancellationToken.None) != StreamHead.None;

    /// <inheritdoc/>
    public async Task<KeyValuePair<int, Box<TState>>> ReadStateFromStorage()
    {
        if (_failure is null)
        {
            try
            {
                (TState state, StreamHead head) = await FoldAsync();
                (_head, IsRead) = (head, true);
                return new KeyValuePair<int, Box<TState>>((int)head.Version, new Box<TState> { Value = state });
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                _failure = e;
            }
        }

        // Orleans would ask until the store is back. Whoever waits is told now, and this activation ends: a version
        // that no event was raised at makes Orleans give up those that were.
        return new KeyValuePair<int, Box<TState>>(Version + 1, State);
    }

    /// <inheritdoc/>
    public async Task<bool> ApplyUpdatesToStorage(IReadOnlyList<TEvent> updates, int expectedVersion)
    {
        if (_failure is not null || expectedVersion != _head.Version)
        {
            return false;
        }

        (List<EventRecord> records, StreamHead head, TState state) =
            EventWriter.Write(_head, Current, updates, Encode, Evolve);
        StreamAppend append = new(Stream, _head, Shard, IsOpen(state), records);
        bool isAppended = await AppendAsync(append, Rows(state));
        if (isAppended)
        {
            _head = head;
        }

        return isAppended;
    }

    /// <inheritdoc/>
    protected sealed override void TransitionState(Box<TState> state, TEvent @event) =>
        state.Value = Evolve(state.Value ?? Initial, @event);

    private static EngineUnavailableException Unavailable(Exception failure) =>
        failure is EventStoreException store
            ? new EngineUnavailableException(store)
            : new EngineUnavailableException("store-failed", failure.Message, failure);

    private TState Unread() =>
        throw Failed(_failure ?? new InvalidOperationException($"{Stream} was not read yet."));

    /// <summary>Whoever asked is told; the next activation reads what is true.</summary>
    private EngineUnavailableException Failed(Exception failure)
    {
        DeactivateOnIdle();
        return Unavailable(failure);
    }

    private async Task<bool> AppendAsync(StreamAppend append, IReadOnlyList<JobRow> rows)
    {
        for (int i = 1; ; i++)
        {
            try
            {
                AppendBatch batch = new(Guid.CreateVersion7(), [append], rows)
                {
                    Absent = append.Expected == StreamHead.None && Tombstone is { } tombstone ? [tombstone] : [],
                };
                switch (await store.AppendAsync(batch, CancellationToken.None))
                {
                    case AppendResult.Appended:
                        return true;
                    case AppendResult.Conflict conflict:
                        return conflict.Actual == append.Next; // Our own, from before its answer was lost.
                    case AppendResult.Fenced fenced:
                        _failure = new EventStoreException(
                            "store-locked",
                            "The store takes nothing from this silo any more: the others hold it for dead, or it "
                            + $"belongs to {fenced.Owner}.",
                            isTransient: false);
                        return false;
                }
            }
            catch (EventStoreException e) when (i < AppendsMax && (e.IsTransient || e.IsOutcomeUnknown))
            {
                await Task.Delay(i * AppendPause);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                _failure = e; // Out of here it would be tried again for ever.
                return false;
            }
        }
    }
}
