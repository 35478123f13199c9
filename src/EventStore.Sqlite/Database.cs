using SQLitePCL;

namespace Elasticity.EventStore.Sqlite;

/// <summary>One connection. Used by one thread at a time.</summary>
internal sealed class Database : IDisposable
{
    // Longer than any checkpoint; only somebody else's tool on our file makes us wait at all.
    private const int BusyTimeoutMs = 5_000;

    private readonly sqlite3 _handle;
    private readonly string _path;
    private readonly Dictionary<(string Sql, int Instance), Statement> _statements = [];

    private Database(sqlite3 handle, string path)
    {
        _handle = handle;
        _path = path;
    }

    /// <summary>Whether a transaction is under way. SQLite ends it by itself on some errors.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>How many rows the last statement changed.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    public static Database Open(string path, DatabaseMode mode)
    {
        NativeLibrary.Load();
        string name = mode == DatabaseMode.Immutable
            ? new Uri(Path.GetFullPath(path)).AbsoluteUri + "?immutable=1"
            : path;
        int flags = raw.SQLITE_OPEN_NOMUTEX | mode switch
        {
            DatabaseMode.ReadWrite => raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE,
            DatabaseMode.ReadOnly => raw.SQLITE_OPEN_READONLY,
            _ => raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_URI,
        };

        int code = raw.sqlite3_open_v2(name, out sqlite3 handle, flags, null);
        Database database = new(handle, path);
        try
        {
            database.Check(code);
            database.Check(raw.sqlite3_extended_result_codes(handle, 1));
            database.Check(raw.sqlite3_busy_timeout(handle, BusyTimeoutMs));
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Runs constant SQL, one or several statements.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    /// <summary>A statement, prepared the first time and kept. Two that run at once differ in their instance.</summary>
    public Statement Prepare(string sql, int instance = 0)
    {
        if (_statements.TryGetValue((sql, instance), out Statement? known))
        {
            return known;
        }

        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt handle));
        Statement statement = new(this, handle);
        _statements.Add((sql, instance), statement);
        return statement;
    }

    /// <summary>Runs a query that gives at most one number; null when there is no row or no value.</summary>
    public long? Scalar(string sql)
    {
        using Rows rows = Prepare(sql).Query();
        return rows.Next() && !rows.IsNull(0) ? rows.Int64(0) : null;
    }

    /// <summary>How many pages this connection wrote since the last call. In WAL mode they went to the log.</summary>
    public int TakePagesWritten()
    {
        Check(raw.sqlite3_db_status(_handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out int pages, out _, resetFlg: 1));
        return pages;
    }

    /// <summary>Moves the write-ahead log into the database file, as far as readers and the disk allow.</summary>
    /// <param name="mode">One of SQLITE_CHECKPOINT_*.</param>
    /// <param name="pagesInLog">How many pages the log holds, moved or not.</param>
    /// <param name="hasFailed">Whether the disk was in the way, and not a reader.</param>
    /// <returns>Whether all that the mode asks for was done. If not, nothing is lost: the log still holds
    /// it.</returns>
    public bool TryCheckpoint(int mode, out int pagesInLog, out bool hasFailed)
    {
        int code = raw.sqlite3_wal_checkpoint_v2(_handle, null, mode, out pagesInLog, out int moved);
        hasFailed = code is not (raw.SQLITE_OK or raw.SQLITE_BUSY or raw.SQLITE_LOCKED);
        return code == raw.SQLITE_OK && moved == pagesInLog;
    }

    /// <summary>Makes running statements fail soon. The only member that another thread may call.</summary>
    public void Interrupt() => raw.sqlite3_interrupt(_handle);

    public void SetBusyTimeout(TimeSpan timeout) =>
        Check(raw.sqlite3_busy_timeout(_handle, (int)timeout.TotalMilliseconds));

    public void RestoreBusyTimeout() => Check(raw.sqlite3_busy_timeout(_handle, BusyTimeoutMs));

    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            throw DatabaseErrors.From(code, raw.sqlite3_errmsg(_handle).utf8_to_string(), _path);
        }
    }

    public void Dispose()
    {
        foreach (Statement statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
        _handle.Dispose();
    }
}
