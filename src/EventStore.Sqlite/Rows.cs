using System.Text;
using SQLitePCL;

namespace Elasticity.EventStore.Sqlite;

/// <summary>The rows of a statement that is running. Disposing it ends the statement's read.</summary>
internal readonly ref struct Rows : IDisposable
{
    private readonly Statement _statement;
    private readonly sqlite3_stmt _handle;

    public Rows(Statement statement, sqlite3_stmt handle)
    {
        _statement = statement;
        _handle = handle;
    }

    public bool Next() => _statement.Step();

    public bool IsNull(int column) => raw.sqlite3_column_type(_handle, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_handle, column);

    public string Text(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(_handle, column));

    /// <summary>The bytes, valid until the next row.</summary>
    public ReadOnlySpan<byte> Span(int column) => raw.sqlite3_column_blob(_handle, column);

    public byte[] Bytes(int column) => Span(column).ToArray();

    public Hash256 Hash(int column)
    {
        ReadOnlySpan<byte> bytes = Span(column);
        return bytes.Length == Hash256.ByteCount
            ? new Hash256(bytes)
            : throw new EventStoreException(
                "store-corrupt", $"A stored hash has {bytes.Length} bytes; restore a backup.", isTransient: false);
    }

    public void Dispose() => _statement.Reset();
}
