using Elasticity.EventStore;
using Elasticity.EventStore.Contract;

namespace Elasticity.Grains.Tests.Support;

/// <summary>An in-memory store with another around it.</summary>
/// <typeparam name="T">The store around it.</typeparam>
/// <param name="wrap">Puts it around.</param>
internal sealed class WrappedFixture<T>(Func<IEventStore, T> wrap) : IStoreFixture
    where T : IEventStore
{
    private readonly InMemoryFixture _inner = new();

    /// <summary>The store opened last.</summary>
    public T? Opened { get; private set; }

    public async ValueTask<IEventStore> OpenAsync(CancellationToken cancellationToken) =>
        Opened = wrap(await _inner.OpenAsync(cancellationToken));

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}
