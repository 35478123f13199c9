using System.Diagnostics.CodeAnalysis;
using Xunit;

namespace Elasticity.EventStore.Contract;

/// <summary>
/// What <see cref="IEventStore"/> promises, as tests. A store passes when a class that inherits this one does. After
/// each test every hash in the store is recomputed.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "xUnit disposes through IAsyncLifetime.")]
public abstract partial class EventStoreContract : IAsyncLifetime
{
    // Far more than any test needs, so that a store which hangs fails by name.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _timeout = new(Patience);
    private IStoreFixture? _fixture;
    private IEventStore? _store;

    /// <summary>The store under test.</summary>
    protected IEventStore Store =>
        _store ?? throw new InvalidOperationException("The store is open only while a test runs.");

    /// <summary>Ends when the test takes too long.</summary>
    protected CancellationToken Ct => _timeout.Token;

    /// <summary>Makes an empty place for data.</summary>
    /// <returns>The fixture; the suite disposes it.</returns>
    protected abstract ValueTask<IStoreFixture> CreateFixtureAsync();

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        _fixture = await CreateFixtureAsync();
        _store = await _fixture.OpenAsync(Ct);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        try
        {
            await ChainCheck.VerifyAsync(Store, Ct);
        }
        finally
        {
            await Store.DisposeAsync();
            await _fixture!.DisposeAsync();
            _timeout.Dispose();
        }
    }

    /// <summary>Closes the store and opens it on the same data, as after a restart.</summary>
    /// <returns>When open.</returns>
    protected async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        _store = await _fixture!.OpenAsync(Ct);
    }

    private static StreamId Id(string name) => new(name);

    private static StreamAppend Closing(StreamAppend append) => append with { IsOpen = false };

    private async Task<StreamHead> AppendedAsync(params StreamAppend[] streams)
    {
        await AppendedAsync(Make.Batch(streams));
        return streams[^1].Next;
    }

    private async Task AppendedAsync(AppendBatch batch) =>
        Assert.IsType<AppendResult.Appended>(await Store.AppendAsync(batch, Ct));

    private async Task<AppendResult.Conflict> ConflictAsync(AppendBatch batch) =>
        Assert.IsType<AppendResult.Conflict>(await Store.AppendAsync(batch, Ct));

    private async Task<List<StoredEvent>> ReadAllAsync(StreamId stream, long from = 1, bool withAttachments = true)
    {
        List<StoredEvent> all = [];
        while (true)
        {
            IReadOnlyList<StoredEvent> page =
                await Store.ReadStreamAsync(stream, from + all.Count, 1_000, withAttachments, Ct);
            if (page.Count == 0)
            {
                return all;
            }

            all.AddRange(page);
        }
    }

    // A store may show a commit to log readers a little later than it acknowledged it; it must not skip it.
    private async Task<List<StoredEvent>> FollowLogAsync(
        LogCursor after, int count, int limit = 1_000, bool withAttachments = true)
    {
        List<StoredEvent> all = [];
        while (all.Count < count)
        {
            LogPage page = await Store.ReadLogAsync(after, limit, withAttachments, Ct);
            Assert.True(page.Events.Count <= limit, "The page is longer than the limit.");
            Assert.False(page.Events.Count == 0 && page.Next != after, "An empty page moved the cursor.");
            Assert.True(page.Events.Count > 0 || page.IsEnd, "An empty page is not at the end.");
            all.AddRange(page.Events);
            after = page.Next;
            await Task.Yield();
        }

        return all;
    }

    private static void AssertSame(EventRecord expected, EventRecord actual)
    {
        Assert.Equal(expected.Type, actual.Type);
        Assert.Equal(expected.Metadata.ToArray(), actual.Metadata.ToArray());
        Assert.Equal(expected.Content.ToArray(), actual.Content.ToArray());
        Assert.Equal(expected.Attachments.ToArray(), actual.Attachments.ToArray());
        Assert.Equal(expected.Hash, actual.Hash);
    }

    private static void AssertSame(JobRow expected, JobRow? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected with { Summary = default }, actual with { Summary = default });
        Assert.Equal(TimeSpan.Zero, actual.CreatedAt.Offset);
        Assert.Equal(expected.Summary.ToArray(), actual.Summary.ToArray());
    }
}
