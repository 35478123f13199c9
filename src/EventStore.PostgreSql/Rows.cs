using Npgsql;

namespace Elasticity.EventStore.PostgreSql;

/// <summary>Makes values of result rows.</summary>
internal static class Rows
{
    /// <summary>Reads version and hash from two columns.</summary>
    public static StreamHead Head(NpgsqlDataReader row, int column)
    {
        long version = row.GetInt64(column);
        return version == 0 ? StreamHead.None : new StreamHead(version, new Hash256(Bytes(row, column + 1)));
    }

    /// <summary>Reads stream, version, type, metadata, content, attachments and hash from seven columns.</summary>
    public static StoredEvent Event(NpgsqlDataReader row, int column) => new(
        new StreamId(row.GetString(column)),
        row.GetInt64(column + 1),
        new EventRecord(
            row.GetString(column + 2),
            Bytes(row, column + 3),
            Bytes(row, column + 4),
            Bytes(row, column + 5),
            new Hash256(Bytes(row, column + 6))));

    public static byte[] Bytes(NpgsqlDataReader row, int column) => row.GetFieldValue<byte[]>(column);
}
