using System.Diagnostics;
using SQLitePCL;
using static System.FormattableString;

namespace Elasticity.EventStore.Sqlite;

/// <summary>The connection that writes: opens it, opens it again after trouble, commits, checkpoints.</summary>
internal sealed class WriterConnection : IDisposable
{
    // 8 KiB was the fastest of 4, 8 and 16; 2,000 of them (16 MB) keep a checkpoint below the time of a few commits.
    private const int PageBytes = 8_192;
    private const int CheckpointPages = 2_000;

    private const int CacheKiB = 64 * 1024;

    // Past this, because readers overlap without a pause and the log cannot begin anew, the writer waits for them a
    // moment.
    private const int LogPagesMax = 16 * CheckpointPages;
    private static readonly TimeSpan ReadersPatience = TimeSpan.FromMilliseconds(250);

    // Often enough that a disk which has room again is used before the log takes that room.
    private static readonly TimeSpan TroubleInterval = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly SqliteEventStoreOptions _options;
    private Database? _database;
    private WriteSession? _session;
    private int _pagesSinceCheckpoint;

    // The disk may have been full: since when the log was last tried, or nothing when there was no trouble.
    private long? _triedInTrouble;

    public WriterConnection(string path, SqliteEventStoreOptions options)
    {
        _path = path;
        _options = options;
    }

    /// <summary>Whether a commit failed in a way that leaves its outcome open.</summary>
    public bool IsUnsure { get; private set; }

    public int ShardCount { get; private set; }

    public bool IsJobListComplete { get; private set; }

    /// <summary>Opens the file, makes it if it is missing, and sees to it that what is in it is on disk.</summary>
    /// <remarks>
    /// A process that was killed may have left commits which the operating system knows and the disk does not; nobody
    /// may act on them before they are durable. Moving them into the database file and committing once more makes
    /// them so.
    /// </remarks>
    public void Open()
    {
        SqliteLog.Sync(_path);
        Database database = Database.Open(_path, DatabaseMode.ReadWrite);
        try
        {
            Configure(database);
            ShardCount = Schema.ShardCount(database);
            IsJobListComplete = Schema.IsJobListComplete(database);
            _ = database.TryCheckpoint(raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
            Schema.CountOpening(database);
            _session = new WriteSession(database);
            _database = database;
            IsUnsure = false;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Begins a transaction.</summary>
    /// <param name="needsCertainty">Settle first what became of a commit that failed.</param>
    public WriteSession Begin(bool needsCertainty)
    {
        if (_database is null)
        {
            Open();
        }

        if (needsCertainty && IsUnsure)
        {
            // A commit writes over what a failed one may have left in the log. After it the failed one can never
            // come back.
            Schema.CountOpening(_database!);
            IsUnsure = false;
        }

        _database!.Prepare("BEGIN IMMEDIATE").Run();
        return _session!;
    }

    /// <summary>Makes the transaction durable.</summary>
    public void Commit()
    {
        try
        {
            _database!.Prepare("COMMIT").Run();
            IsUnsure = false;
        }
        catch (EventStoreException e)
        {
            EventStoreException atCommit = DatabaseErrors.AtCommit(e);
            IsUnsure |= atCommit.IsOutcomeUnknown;
            throw atCommit;
        }
    }

    /// <summary>Takes back what is left of a failed transaction, so that the next one can begin.</summary>
    public void Abandon()
    {
        _triedInTrouble ??= 0;
        try
        {
            if (_database is { IsInTransaction: true })
            {
                _database.Prepare("ROLLBACK").Run();
            }
        }
        catch (EventStoreException)
        {
            // Then with a new connection, when the next transaction begins.
            Dispose();
        }
    }

    /// <summary>Moves the log into the database file when it has grown enough; after trouble as soon as that goes, and
    /// the log gives its room back: on a disk that was full it would grow until that is full again. Between
    /// transactions only.</summary>
    public void CheckpointIfDue()
    {
        if (_database is null)
        {
            return;
        }

        _pagesSinceCheckpoint += _database.TakePagesWritten();
        bool wasInTrouble = _triedInTrouble is not null;
        bool isDueForTrouble = _triedInTrouble is { } tried && Stopwatch.GetElapsedTime(tried) >= TroubleInterval;
        if (_pagesSinceCheckpoint < CheckpointPages && !isDueForTrouble)
        {
            return;
        }

        _pagesSinceCheckpoint = 0;
        bool isWhole = _database.TryCheckpoint(raw.SQLITE_CHECKPOINT_PASSIVE, out int pagesInLog, out bool hasFailed);
        if (!isWhole)
        {
            SqliteMetrics.CheckpointIncomplete();
        }

        // The log's room is needed: until it is empty, however often readers are in the way, the trouble is not over.
        bool isInTrouble = hasFailed || (wasInTrouble && !(isWhole && TryEmptyLog()));
        _triedInTrouble = isInTrouble ? Stopwatch.GetTimestamp() : null;

        if (pagesInLog > LogPagesMax)
        {
            _ = TryPatiently(_database, raw.SQLITE_CHECKPOINT_RESTART);
        }
    }

    /// <summary>Moves the whole log into the database file and makes the log's file empty.</summary>
    /// <returns>False when readers were in the way.</returns>
    public bool TryEmptyLog() => _database is null || TryPatiently(_database, raw.SQLITE_CHECKPOINT_TRUNCATE);

    public void Dispose()
    {
        _database?.Dispose();
        _database = null;
        _session = null;
    }

    private static bool TryPatiently(Database database, int mode)
    {
        database.SetBusyTimeout(ReadersPatience);
        try
        {
            return database.TryCheckpoint(mode, out _, out _);
        }
        finally
        {
            database.RestoreBusyTimeout();
        }
    }

    private void Configure(Database database)
    {
        // The page size takes effect in a new file only, and must come before anything is written. The schema comes
        // before everything that would change a file which is not ours.
        database.Execute(Invariant($"PRAGMA page_size = {PageBytes}"));
        Schema.Prepare(database, _path, _options.ShardCount);

        // Erased and trimmed bytes are overwritten (secure_delete); on macOS only fullfsync reaches the disk.
        string synchronous = _options.Synchronous == SqliteSynchronous.Full ? "FULL" : "NORMAL";
        database.Execute(Invariant(
            $"""
            PRAGMA journal_mode = WAL;
            PRAGMA wal_autocheckpoint = 0;
            PRAGMA synchronous = {synchronous};
            PRAGMA fullfsync = ON;
            PRAGMA journal_size_limit = {LogPagesMax * PageBytes};
            PRAGMA secure_delete = ON;
            PRAGMA temp_store = MEMORY;
            PRAGMA cache_size = -{CacheKiB};
            """));
        if (_options.DatabaseBytesMax > 0)
        {
            long pages = Math.Max(1, _options.DatabaseBytesMax / (database.Scalar("PRAGMA page_size") ?? PageBytes));
            database.Execute(Invariant($"PRAGMA max_page_count = {pages}"));
        }
    }
}
