using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Elasticity.EventStore.Sqlite;

/// <summary>
/// The one thread that writes and checkpoints. What queues up while a transaction is made durable goes into the next
/// one together (group commit): the disk is waited for once for all of them.
/// </summary>
[SuppressMessage("Usage", "CA2213", Justification = "The thread disposes the event as its last act.")]
internal sealed class Writer : IAsyncDisposable
{
    // Bounds the time that the first request of a transaction waits for the last one, and the log's growth in one
    // step.
    private const int GroupWeightMax = 5_000;

    private readonly WriterConnection _connection;
    private readonly Channel<WriteRequest> _queue;
    private readonly ManualResetEventSlim _wake = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<WriteRequest> _group = [];
    private volatile bool _isScrubbing;

    /// <summary>Starts the thread.</summary>
    /// <param name="connection">The connection; the writer disposes it.</param>
    /// <param name="queueMax">How many requests may wait.</param>
    public Writer(WriterConnection connection, int queueMax)
    {
        _connection = connection;
        _queue = Channel.CreateBounded<WriteRequest>(new BoundedChannelOptions(queueMax) { SingleReader = true });
        new Thread(Run) { IsBackground = true, Name = "SQLite writer" }.Start();
    }

    /// <summary>Queues a request; waits for a place if need be. Requests are done in the order of the calls.</summary>
    public async ValueTask<T> DoAsync<T>(WriteRequest<T> request, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteEventStore));
        }

        // When the write had to wait, the thread has found it already.
        _wake.Set();
        return await request.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks for the log to be emptied when there is time, so that erased bytes do not stay in it.</summary>
    public void Scrub() => _isScrubbing = true;

    /// <summary>Does what is queued, then ends the thread and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_queue.Writer.TryComplete())
        {
            _wake.Set();
        }

        await _ended.Task.ConfigureAwait(false);
    }

    private void Run()
    {
        while (WaitForFirst() is { } first)
        {
            DoGroup(first);
            KeepLogShort();
        }

        _connection.Dispose();
        _wake.Dispose();
        _ended.SetResult();
    }

    // The callers have their answers; failing here costs nothing but room.
    private void KeepLogShort()
    {
        try
        {
            _connection.CheckpointIfDue();
            if (_isScrubbing && _queue.Reader.Count == 0)
            {
                _isScrubbing = !_connection.TryEmptyLog();
            }
        }
        catch (EventStoreException)
        {
            SqliteMetrics.CheckpointIncomplete();
            _connection.Abandon();
        }
    }

    // Null when the store is closed and nothing is left to do.
    private WriteRequest? WaitForFirst()
    {
        while (true)
        {
            if (_queue.Reader.TryRead(out WriteRequest? request))
            {
                return request;
            }

            if (_queue.Reader.Completion.IsCompleted)
            {
                return null;
            }

            _wake.Wait();
            _wake.Reset();
        }
    }

    private void DoGroup(WriteRequest first)
    {
        _group.Clear();
        Exception? failure = TryTransaction(first, mayGrow: true);
        if (_group.Count == 1 || failure is null || !IsOneToBlame(failure))
        {
            Answer(_group, failure);
            return;
        }

        foreach (WriteRequest request in _group.ToArray())
        {
            Answer([request], TryTransaction(request, mayGrow: false));
        }
    }

    // A single request that is too large for the disk or the memory makes SQLite give up the transaction with all its
    // neighbours; nothing was written, so each can be tried alone. Other trouble would only be met again by each.
    private static bool IsOneToBlame(Exception failure) =>
        failure is EventStoreException { Code: "store-full" or "store-failed", IsOutcomeUnknown: false };

    /// <summary>Executes requests in a transaction, and collects them in the group.</summary>
    /// <param name="first">The first request.</param>
    /// <param name="mayGrow">Whether to take what is queued along.</param>
    /// <returns>Null when all are durable.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "The thread must live; every caller hears what happened.")]
    private Exception? TryTransaction(WriteRequest first, bool mayGrow)
    {
        long started = Stopwatch.GetTimestamp();
        try
        {
            _group.Add(first);
            WriteSession session = _connection.Begin(needsCertainty: first.NeedsCertainty);
            first.Execute(session);
            for (int weight = first.Weight; mayGrow && weight < GroupWeightMax && TryTakeNext(out WriteRequest? next);)
            {
                _group.Add(next);
                weight += next.Weight;
                next.Execute(session);
            }

            _connection.Commit();
            SqliteMetrics.Committed(Stopwatch.GetElapsedTime(started), _group.Count);
            return null;
        }
        catch (Exception e)
        {
            SqliteMetrics.Failed(e);
            _connection.Abandon();
            return e;
        }
    }

    // A request that needs certainty begins a transaction of its own while the past is uncertain.
    private bool TryTakeNext([NotNullWhen(true)] out WriteRequest? next) =>
        _queue.Reader.TryPeek(out next)
        && (!next.NeedsCertainty || !_connection.IsUnsure)
        && _queue.Reader.TryRead(out next);

    private static void Answer(IEnumerable<WriteRequest> requests, Exception? failure)
    {
        foreach (WriteRequest request in requests)
        {
            if (failure is null)
            {
                request.Complete();
            }
            else
            {
                request.Fail(failure);
            }
        }
    }
}
