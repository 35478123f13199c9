using SQLitePCL;

namespace Elasticity.EventStore.Sqlite;

/// <summary>Puts SQLite's result codes into the words of the store.</summary>
internal static class DatabaseErrors
{
    // An extended code is the plain one with a reason in the higher bits.
    private const int PlainCodeMask = 0xFF;

    public static EventStoreException From(int code, string detail, string path)
    {
        string because = $"'{path}': {detail} (SQLite code {code}).";

        // The shared index beside the file could not be made larger: SQLite calls that an I/O error.
        return (code == raw.SQLITE_IOERR_SHMSIZE ? raw.SQLITE_FULL : code & PlainCodeMask) switch
        {
            raw.SQLITE_FULL =>
                Make("store-full", $"The disk or the quota is full; free some space. {because}", isTransient: true),
            raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH =>
                Make("store-read-only", $"The database may not be written; check its permissions. {because}"),
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB =>
                Make("store-corrupt", $"The file is damaged or no database; restore a backup. {because}"),
            raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL =>
                Make("store-unavailable", $"The file could not be used; check the disk. {because}", isTransient: true),
            _ => Make("store-failed", $"The database failed. {because}"),
        };
    }

    /// <summary>The same trouble, met while committing: after an I/O error nobody knows what reached the
    /// disk.</summary>
    /// <remarks>
    /// A full disk is no such case: a transaction counts from its last frame on, and a frame that was not written
    /// whole fails its checksum.
    /// </remarks>
    public static EventStoreException AtCommit(EventStoreException e) =>
        e.Code is "store-full" or "store-read-only"
            ? e
            : new EventStoreException(e.Code, e.Message, e.IsTransient, isOutcomeUnknown: true, e);

    private static EventStoreException Make(string code, string message, bool isTransient = false) =>
        new(code, message, isTransient);
}
