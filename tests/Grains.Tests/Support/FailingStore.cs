using Elasticity.EventStore;

namespace Elasticity.Grains.Tests.Support;

/// <summary>A store that fails while it is told to.</summary>
internal sealed class FailingStore : SwitchedStore
{
    public FailingStore(IEventStore inner) => Inner = inner;

    /// <summary>What appends fail with; null: they do not.</summary>
    public EventStoreException? Failure { get; set; }

    public override ValueTask<AppendResult> AppendAsync(AppendBatch batch, CancellationToken cancellationToken) =>
        Failure is { } failure ? throw failure : base.AppendAsync(batch, cancellationToken);
}
