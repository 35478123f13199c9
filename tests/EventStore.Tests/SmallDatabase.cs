using SQLitePCL;
using Xunit;

namespace Elasticity.EventStore.Tests;

/// <summary>A database that SQLite writes as the store does, with transactions as a test wants them.</summary>
internal sealed class SmallDatabase : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly sqlite3 _database;

    /// <summary>Makes one, with an empty log.</summary>
    /// <param name="pageBytes">The size of its pages.</param>
    /// <param name="parameters">Of its address: <c>psow=0</c> makes SQLite fill sectors.</param>
    public SmallDatabase(int pageBytes, string parameters = "")
    {
        Batteries_V2.Init();
        const int Flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_URI;
        Assert.Equal(
            raw.SQLITE_OK, raw.sqlite3_open_v2($"file:{Path}?{parameters}", out _database, Flags, null));
        Execute($"PRAGMA page_size = {pageBytes}; CREATE TABLE t (id INTEGER PRIMARY KEY, content BLOB)");
        Execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = FULL");
    }

    public byte[] Log => File.Exists(Path + "-wal") ? WalFile.ReadShared(Path + "-wal", int.MaxValue) : [];

    private string Path => System.IO.Path.Combine(_directory.Path, "small.db");

    public void Execute(string sql)
    {
        int code = raw.sqlite3_exec(_database, sql);
        Assert.True(code == raw.SQLITE_OK, raw.sqlite3_errmsg(_database).utf8_to_string());
    }

    /// <summary>One transaction: some bytes in a new row.</summary>
    public void Insert(int bytes) => Execute($"INSERT INTO t (content) VALUES (randomblob({bytes}))");

    /// <summary>Transactions of one page and of many.</summary>
    public void InsertAny(int transactions, Random random)
    {
        for (int i = 0; i < transactions; i++)
        {
            Insert(random.Next(3) == 0 ? random.Next(5_000) : random.Next(300));
        }
    }

    public Stream Open() => new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

    /// <summary>How many rows SQLite finds with this log in place of its own.</summary>
    public long CountRowsWith(byte[] log)
    {
        using TemporaryDirectory copy = new();
        string path = System.IO.Path.Combine(copy.Path, "copy.db");
        File.WriteAllBytes(path, WalFile.ReadShared(Path, int.MaxValue));
        File.WriteAllBytes(path + "-wal", log);
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_open(path, out sqlite3 database));
        using (database)
        {
            Assert.Equal(
                raw.SQLITE_OK,
                raw.sqlite3_prepare_v2(database, "SELECT count(*) FROM t", out sqlite3_stmt statement));
            using (statement)
            {
                Assert.Equal(raw.SQLITE_ROW, raw.sqlite3_step(statement));
                return raw.sqlite3_column_int64(statement, 0);
            }
        }
    }

    public void Dispose()
    {
        _database.Dispose();
        _directory.Dispose();
    }
}
