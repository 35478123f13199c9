using Elasticity.EventStore;

using StreamId = Elasticity.EventStore.StreamId;

namespace Elasticity.Grains.Tests.Support;

/// <summary>A store that keeps somebody waiting for the head of a stream, or for what is appended to it.</summary>
internal sealed class HeldStore : SwitchedStore
{
    private Held? _held;
    private Held? _heldAppend;

    public HeldStore(IEventStore inner) => Inner = inner;

    /// <summary>Holds the next look at the head of a stream, and only that one.</summary>
    public Held HoldNext(StreamId stream) => _held = new Held(stream);

    /// <summary>Holds the next append to a stream, and only that one.</summary>
    public Held HoldNextAppend(StreamId stream) => _heldAppend = new Held(stream);

    public override async ValueTask<StreamHead> ReadHeadAsync(StreamId stream, CancellationToken cancellationToken)
    {
        Held? held = Volatile.Read(ref _held);
        if (held?.Stream == stream && Interlocked.CompareExchange(ref _held, null, held) == held)
        {
            await held.WaitAsync();
        }

        return await base.ReadHeadAsync(stream, cancellationToken);
    }

    public override async ValueTask<AppendResult> AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        Held? held = Volatile.Read(ref _heldAppend);
        if (batch.Streams.Any(s => s.Stream == held?.Stream)
            && Interlocked.CompareExchange(ref _heldAppend, null, held) == held)
        {
            await held!.WaitAsync();
        }

        return await base.AppendAsync(batch, cancellationToken);
    }

    /// <summary>What is held.</summary>
    internal sealed record Held(StreamId Stream)
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task WaitAsync()
        {
            Reached.SetResult();
            await Released.Task;
        }
    }
}
