using Elasticity.EventStore;

namespace Elasticity.Engine.Embedded.Tests.Support;

/// <summary>How an append goes.</summary>
internal enum AppendFault
{
    /// <summary>As it should.</summary>
    None,

    /// <summary>It fails and nothing was written.</summary>
    FailsBefore,

    /// <summary>It is written, and the caller is told that nobody knows.</summary>
    FailsAfter,

    /// <summary>Somebody else wrote first.</summary>
    Conflicts,

    /// <summary>Another process owns the store.</summary>
    IsFenced,
}

/// <summary>A store that fails as a test wants, around one that does not.</summary>
internal class FaultyEventStore(IEventStore inner) : IEventStore
{
    public const string Code = "store-unavailable";

    private readonly TaskCompletionSource _severed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource? _gate;
    private volatile bool _areReadsFailing;
    private int _held;

    public int ShardCount => inner.ShardCount;

    public IJobList Jobs => field ??= new FaultyJobList(inner.Jobs, this);

    public IEventStore Inner => inner;

    /// <summary>Asked for each append; null means no fault.</summary>
    public Func<AppendBatch, AppendFault>? OnAppend { get; set; }

    /// <summary>How many appends are being held back.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Every read fails.</summary>
    public bool AreReadsFailing
    {
        get => _areReadsFailing;
        set => _areReadsFailing = value;
    }

    /// <summary>Holds appends back, before they are written, until <see cref="Release"/>.</summary>
    public void Hold() => _gate ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets the appends go on that are being held back.</summary>
    public void Release()
    {
        TaskCompletionSource? gate = _gate;
        _gate = null;
        gate?.TrySetResult();
    }

    /// <summary>From now on nothing reaches the store, as if the process had died at this moment.</summary>
    public void Sever() => _severed.TrySetResult();

    public virtual async ValueTask<AppendResult> AppendAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        if (_gate is { } gate)
        {
            Interlocked.Increment(ref _held);
            await Task.WhenAny(gate.Task, _severed.Task).WaitAsync(cancellationToken);
            Interlocked.Decrement(ref _held);
        }

        Enter();
        AppendFault fault = OnAppend?.Invoke(batch) ?? AppendFault.None;
        switch (fault)
        {
            case AppendFault.FailsBefore: throw Failure(isOutcomeUnknown: false);
            case AppendFault.Conflicts:
                return new AppendResult.Conflict(batch.Streams[0].Stream, batch.Streams[0].Expected);
            case AppendFault.IsFenced: return new AppendResult.Fenced("somebody else");
            case AppendFault.None:
            case AppendFault.FailsAfter:
            default: break;
        }

        AppendResult result = await inner.AppendAsync(batch, cancellationToken);
        return fault == AppendFault.FailsAfter ? throw Failure(isOutcomeUnknown: true) : result;
    }

    public ValueTask<bool> WasAppendedAsync(Guid batchId, CancellationToken cancellationToken)
    {
        Enter();
        return inner.WasAppendedAsync(batchId, cancellationToken);
    }

    public virtual ValueTask<IReadOnlyList<StoredEvent>> ReadStreamAsync(
        StreamId stream, long from, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        EnterRead();
        return inner.ReadStreamAsync(stream, from, limit, withAttachments, cancellationToken);
    }

    public ValueTask<StreamHead> ReadHeadAsync(StreamId stream, CancellationToken cancellationToken)
    {
        EnterRead();
        return inner.ReadHeadAsync(stream, cancellationToken);
    }

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreamsAsync(
        string prefix, StreamId? after, int limit, CancellationToken cancellationToken)
    {
        EnterRead();
        return inner.ListStreamsAsync(prefix, after, limit, cancellationToken);
    }

    public ValueTask<IReadOnlyList<StreamInfo>> ListOpenAsync(
        int? shard, string prefix, StreamId? after, int limit, CancellationToken cancellationToken)
    {
        EnterRead();
        return inner.ListOpenAsync(shard, prefix, after, limit, cancellationToken);
    }

    public ValueTask<LogPage> ReadLogAsync(
        LogCursor after, int limit, bool withAttachments, CancellationToken cancellationToken)
    {
        EnterRead();
        return inner.ReadLogAsync(after, limit, withAttachments, cancellationToken);
    }

    public ValueTask<bool> EraseAttachmentsAsync(
        StreamId stream, long version, ReadOnlyMemory<byte> erased, CancellationToken cancellationToken)
    {
        Enter();
        return inner.EraseAttachmentsAsync(stream, version, erased, cancellationToken);
    }

    public ValueTask<AppendResult> TrimAsync(
        IReadOnlyList<StreamInfo> streams, AppendBatch tombstone, CancellationToken cancellationToken)
    {
        Enter();
        return inner.TrimAsync(streams, tombstone, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return inner.DisposeAsync();
    }

    protected void Enter()
    {
        if (_severed.Task.IsCompleted)
        {
            throw Failure(isOutcomeUnknown: false);
        }
    }

    private void EnterRead()
    {
        Enter();
        if (AreReadsFailing)
        {
            throw Failure(isOutcomeUnknown: false);
        }
    }

    private static EventStoreException Failure(bool isOutcomeUnknown) =>
        new(Code, "The test made the store fail.", isTransient: true, isOutcomeUnknown);

    private sealed class FaultyJobList(IJobList inner, FaultyEventStore store) : IJobList
    {
        public bool NeedsRebuild => inner.NeedsRebuild;

        public ValueTask<IReadOnlyList<JobRow>> ListAsync(
            JobFilter filter, JobListCursor? after, int limit, CancellationToken cancellationToken)
        {
            store.EnterRead();
            return inner.ListAsync(filter, after, limit, cancellationToken);
        }

        public ValueTask<JobRow?> FindAsync(string id, CancellationToken cancellationToken)
        {
            store.EnterRead();
            return inner.FindAsync(id, cancellationToken);
        }

        public ValueTask ClearAsync(CancellationToken cancellationToken)
        {
            store.Enter();
            return inner.ClearAsync(cancellationToken);
        }

        public ValueTask WriteAsync(IReadOnlyList<JobRow> rows, bool isLast, CancellationToken cancellationToken)
        {
            store.Enter();
            return inner.WriteAsync(rows, isLast, cancellationToken);
        }
    }
}
