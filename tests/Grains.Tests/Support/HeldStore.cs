using Elasticity.EventStore;

using StreamId = Elasticity.EventStore.StreamId;

namespace Elasticity.Grains.Tests.Support;

/// <summary>A store that keeps somebody waiting for the head of a stream.</summary>
internal sealed class HeldStore : SwitchedStore
{
    private Held? _held;

    public HeldStore(IEventStore inner) => Inner = inner;

    /// <summary>Holds the next look at the head of a stream, and only that one.</summary>
    public Held HoldNext(StreamId stream) => _held = new Held(stream);

    public override async ValueTask<StreamHead> ReadHeadAsync(StreamId stream, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _held) is { } held && held.Stream == stream
            && Interlocked.CompareExchange(ref _held, null, held) == held)
        {
            held.Reached.SetResult();
            await held.Released.Task;
        }

        return await base.ReadHeadAsync(stream, cancellationToken);
    }

    /// <summary>A look that is held.</summary>
    internal sealed record Held(StreamId Stream)
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
