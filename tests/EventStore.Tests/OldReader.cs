using SQLitePCL;
using Xunit;

namespace Elasticity.EventStore.Tests;

/// <summary>Somebody who reads what the database was when they came, and keeps all that is written meanwhile in the
/// log.</summary>
internal sealed class OldReader : IDisposable
{
    private readonly sqlite3 _database;

    public OldReader(string path)
    {
        Batteries_V2.Init();
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_open_v2(path, out _database, raw.SQLITE_OPEN_READONLY, null));
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_exec(_database, "BEGIN; SELECT count(*) FROM meta"));
    }

    public void Dispose() => _database.Dispose();
}
