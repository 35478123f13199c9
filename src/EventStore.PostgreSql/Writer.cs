using System.Threading.Channels;

namespace Elasticity.EventStore.PostgreSql;

/// <summary>Everything that writes, one after the other: one queue, one loop, one connection.</summary>
internal sealed class Writer : IAsyncDisposable
{
    private readonly Channel<WriteRequest> _queue;
    private readonly WriterSession _session;
    private readonly Appender _appender;
    private readonly Task _loop;

    public Writer(Database database, PostgreSqlEventStoreOptions options)
    {
        _session = new WriterSession(database, options);
        _appender = new Appender(_session);
        _queue = Channel.CreateBounded<WriteRequest>(
            new BoundedChannelOptions(options.QueueMax) { SingleReader = true });
        _loop = RunAsync();
    }

    /// <summary>Queues an append or a trim.</summary>
    public async ValueTask<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken)
    {
        await EnqueueAsync(request, cancellationToken).ConfigureAwait(false);
        return await request.Outcome.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Queues something that runs alone. After trouble with the connection it is run a second time.</summary>
    public async ValueTask<T> RunAsync<T>(Func<WriterSession, Task<T>> work, CancellationToken cancellationToken)
    {
        SessionRequest<T> request = new(work);
        await EnqueueAsync(request, cancellationToken).ConfigureAwait(false);
        return await request.Outcome.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finishes what is queued and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        await _session.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask EnqueueAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(PostgreSqlEventStore));
        }
    }

    private async Task RunAsync()
    {
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_queue.Reader.TryPeek(out WriteRequest? next))
            {
                if (next is SessionRequest request)
                {
                    _queue.Reader.TryRead(out _);
                    await RunAsync(request).ConfigureAwait(false);
                }
                else
                {
                    await _appender.AppendAsync(TakeGroup().Requests).ConfigureAwait(false);
                }
            }
        }
    }

    private AppendGroup TakeGroup()
    {
        AppendGroup group = new();
        while (_queue.Reader.TryPeek(out WriteRequest? next) && next is AppendRequest append && group.TryAdd(append))
        {
            _queue.Reader.TryRead(out _);
        }

        return group;
    }

    private async Task RunAsync(SessionRequest request)
    {
        Exception? trouble = await _session.TryAsync(() => request.RunAsync(_session)).ConfigureAwait(false);
        if (trouble is not null && PostgreSqlErrors.IsConnectionTrouble(trouble))
        {
            trouble = await _session.TryAsync(() => request.RunAsync(_session)).ConfigureAwait(false);
        }

        if (trouble is not null)
        {
            request.Fail(PostgreSqlErrors.Translate(trouble));
        }
    }
}
