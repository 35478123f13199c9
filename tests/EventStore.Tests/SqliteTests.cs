using Elasticity.EventStore.Contract;
using Elasticity.EventStore.Sqlite;
using SQLitePCL;
using Xunit;

namespace Elasticity.EventStore.Tests;

/// <summary>What the tests of the SQLite store share: a directory, opening in it, and a way around the
/// store.</summary>
public abstract class SqliteTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    protected static CancellationToken None => CancellationToken.None;

    protected string DataDirectory => _directory.Path;

    protected string DatabasePath => Path.Combine(DataDirectory, "elasticity.db");

    protected Task<SqliteEventStore> OpenAsync() =>
        OpenAsync(new SqliteEventStoreOptions { Directory = DataDirectory });

    protected static Task<SqliteEventStore> OpenAsync(SqliteEventStoreOptions options) =>
        SqliteEventStore.OpenAsync(options, None);

    protected Task<SqliteEventStore> OpenToLookAsync() =>
        OpenAsync(new SqliteEventStoreOptions { Directory = DataDirectory, IsReadOnly = true });

    /// <summary>Opens, does something, and closes.</summary>
    protected async Task WithStoreAsync(Func<SqliteEventStore, Task> work)
    {
        await using SqliteEventStore store = await OpenAsync();
        await work(store);
    }

    protected static async Task<StreamHead> AppendAsync(SqliteEventStore store, params StreamAppend[] appends)
    {
        Assert.IsType<AppendResult.Appended>(await store.AppendAsync(Make.Batch(appends), None));
        return appends[^1].Next;
    }

    protected static async Task<EventStoreException> FailsAsync(string code, Func<Task> work)
    {
        EventStoreException e = await Assert.ThrowsAsync<EventStoreException>(work);
        Assert.Equal(code, e.Code);
        return e;
    }

    /// <summary>Runs SQL on the closed file, as somebody with a database tool would.</summary>
    protected void Tamper(string sql)
    {
        Batteries_V2.Init();
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_open(DatabasePath, out sqlite3 database));
        using (database)
        {
            int code = raw.sqlite3_exec(database, sql);
            Assert.True(code == raw.SQLITE_OK, raw.sqlite3_errmsg(database).utf8_to_string());
        }
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => _directory.Dispose();
}
