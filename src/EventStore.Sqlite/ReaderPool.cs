using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Elasticity.EventStore.Sqlite;

/// <summary>
/// Connections that only read, each used by one caller at a time. They see what is committed, which is what is on
/// disk: SQLite shows a transaction to others after its log is synced. They never checkpoint.
/// </summary>
[SuppressMessage("Usage", "CA2213", Justification = "Whoever waits for it is let in, to be told the end.")]
internal sealed class ReaderPool : IAsyncDisposable
{
    private readonly string _path;
    private readonly DatabaseMode _mode;
    private readonly int _count;
    private readonly SemaphoreSlim _free;
    private readonly ConcurrentStack<Database> _idle = new();
    private int _isDisposed;

    public ReaderPool(string path, DatabaseMode mode, int count)
    {
        _path = path;
        _mode = mode;
        _count = count;
        _free = new SemaphoreSlim(count);
    }

    /// <summary>Runs a query on the caller's thread: SQLite has no asynchronous reads. Only the wait for a
    /// connection is.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<Database, T> query, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, typeof(SqliteEventStore));
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, typeof(SqliteEventStore));
            return Read(query, cancellationToken);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Waits for the reads under way, then closes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        for (int i = 0; i < _count; i++)
        {
            await _free.WaitAsync().ConfigureAwait(false);
        }

        while (_idle.TryPop(out Database? database))
        {
            database.Dispose();
        }

        _free.Release(_count);
    }

    private T Read<T>(Func<Database, T> query, CancellationToken cancellationToken)
    {
        Database? database = _idle.TryPop(out Database? idle) ? idle : Open();
        try
        {
            using CancellationTokenRegistration registration =
                cancellationToken.UnsafeRegister(static d => ((Database)d!).Interrupt(), database);
            T result = query(database);
            registration.Dispose(); // waits for an interrupt under way, which would hit the next user
            _idle.Push(database);
            database = null;
            return result;
        }
        catch (EventStoreException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            // A connection that failed is not used again.
            database?.Dispose();
        }
    }

    private Database Open()
    {
        Database database = Database.Open(_path, _mode);
        try
        {
            database.Execute("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }
}
