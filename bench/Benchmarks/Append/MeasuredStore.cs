using Elasticity.EventStore;

namespace Elasticity.Benchmarks.Append;

/// <summary>An empty store, owned, that is removed afterwards.</summary>
internal abstract class MeasuredStore : IAsyncDisposable
{
    /// <summary>For the report.</summary>
    public abstract string Name { get; }

    /// <summary>What was synchronised before an acknowledgement.</summary>
    public abstract string Durable { get; }

    /// <summary>The store.</summary>
    public abstract IEventStore Store { get; }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
