namespace Elasticity.EventStore.Contract;

/// <summary>One empty place for data, and the way to open a store on it.</summary>
/// <remarks>Disposing the fixture removes the data. It may be disposed while a store is still open.</remarks>
public interface IStoreFixture : IAsyncDisposable
{
    /// <summary>Opens the store on the fixture's data: the first time it is empty, later it holds what was
    /// appended.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A store that may be written (an <see cref="IOwnedEventStore"/> has been claimed). The suite disposes
    /// it before it opens the next.</returns>
    ValueTask<IEventStore> OpenAsync(CancellationToken cancellationToken);
}
