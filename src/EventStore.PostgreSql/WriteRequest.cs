namespace Elasticity.EventStore.PostgreSql;

/// <summary>Something for the writer to do, with somebody waiting for the outcome.</summary>
internal abstract class WriteRequest
{
    public void Fail(EventStoreException e)
    {
        PostgreSqlMetrics.Failed(e);
        TrySetException(e);
    }

    protected abstract void TrySetException(EventStoreException e);
}

/// <summary>A batch to append.</summary>
internal sealed class AppendRequest : WriteRequest
{
    private readonly TaskCompletionSource<AppendResult> _outcome =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public AppendRequest(AppendBatch batch, IReadOnlyList<StreamInfo> trims)
    {
        Batch = batch;
        Trims = trims;
        foreach (StreamAppend append in batch.Streams)
        {
            foreach (EventRecord e in append.Events)
            {
                ByteCount += e.ByteCount;
            }
        }
    }

    public AppendBatch Batch { get; }

    /// <summary>What is removed in the same transaction; empty for all but a trim.</summary>
    public IReadOnlyList<StreamInfo> Trims { get; }

    /// <summary>The size of the events' bytes.</summary>
    public long ByteCount { get; }

    public Task<AppendResult> Outcome => _outcome.Task;

    public void Complete(AppendResult result) => _outcome.TrySetResult(result);

    protected override void TrySetException(EventStoreException e) => _outcome.TrySetException(e);
}

/// <summary>Something to do on the writer's connection, alone. It may be done twice: the connection can break after the
/// first time.</summary>
internal abstract class SessionRequest : WriteRequest
{
    public abstract Task RunAsync(WriterSession session);
}

/// <summary>The same with a result.</summary>
/// <typeparam name="T">The result.</typeparam>
internal sealed class SessionRequest<T> : SessionRequest
{
    private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<WriterSession, Task<T>> _work;

    public SessionRequest(Func<WriterSession, Task<T>> work) => _work = work;

    public Task<T> Outcome => _outcome.Task;

    public override async Task RunAsync(WriterSession session) =>
        _outcome.TrySetResult(await _work(session).ConfigureAwait(false));

    protected override void TrySetException(EventStoreException e) => _outcome.TrySetException(e);
}
