using System.Text;
using SQLitePCL;

namespace Elasticity.EventStore.Sqlite;

/// <summary>A prepared statement. SQLite copies what is bound.</summary>
internal sealed class Statement : IDisposable
{
    private const int StackBytesMax = 512;

    private readonly Database _database;
    private readonly sqlite3_stmt _handle;

    public Statement(Database database, sqlite3_stmt handle)
    {
        _database = database;
        _handle = handle;
    }

    public Statement Bind(int index, long value)
    {
        _database.Check(raw.sqlite3_bind_int64(_handle, index, value));
        return this;
    }

    /// <summary>Binds bytes; none become NULL, which takes no room in a row.</summary>
    public Statement Bind(int index, ReadOnlySpan<byte> bytes)
    {
        _database.Check(bytes.IsEmpty
            ? raw.sqlite3_bind_null(_handle, index)
            : raw.sqlite3_bind_blob(_handle, index, bytes));
        return this;
    }

    public Statement Bind(int index, Hash256 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash256.ByteCount];
        hash.CopyTo(bytes);
        return Bind(index, bytes);
    }

    public Statement Bind(int index, string text)
    {
        // The span of an empty text would be bound as NULL.
        if (text.Length == 0)
        {
            _database.Check(raw.sqlite3_bind_text(_handle, index, text));
            return this;
        }

        int size = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> utf8 = size <= StackBytesMax ? stackalloc byte[StackBytesMax] : new byte[size];
        _database.Check(raw.sqlite3_bind_text(_handle, index, utf8[..Encoding.UTF8.GetBytes(text, utf8)]));
        return this;
    }

    /// <summary>Binds a value that is greater than every text: SQLite orders texts before bytes.</summary>
    public Statement BindAboveAllTexts(int index)
    {
        _database.Check(raw.sqlite3_bind_zeroblob(_handle, index, 0));
        return this;
    }

    /// <summary>Runs to the end.</summary>
    /// <returns>How many rows were changed; only meaningful for INSERT, UPDATE and DELETE.</returns>
    public int Run()
    {
        int code = raw.sqlite3_step(_handle);
        try
        {
            _database.Check(code);
        }
        finally
        {
            Reset();
        }

        return _database.Changes;
    }

    /// <summary>Begins to read rows.</summary>
    public Rows Query() => new(this, _handle);

    /// <summary>Goes to the next row; false after the last.</summary>
    public bool Step()
    {
        int code = raw.sqlite3_step(_handle);
        _database.Check(code);
        return code == raw.SQLITE_ROW;
    }

    // It repeats the error of the last step, which has been thrown already.
    public void Reset() => _ = raw.sqlite3_reset(_handle);

    public void Dispose() => _handle.Dispose();
}
