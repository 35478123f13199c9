namespace Elasticity.EventStore.Sqlite;

/// <summary>Puts what the system says of the data directory's files into the words of the store.</summary>
internal static class FileErrors
{
    /// <summary>The system does not let us write.</summary>
    public static EventStoreException ReadOnly(string directory, Exception e) => new(
        "store-read-only",
        $"The data directory '{directory}' may not be written; check its permissions.",
        isTransient: false,
        inner: e);

    /// <summary>What the system refused for another reason.</summary>
    public static EventStoreException From(string directory, IOException e)
    {
        const int NoSpace = 28; // ENOSPC
        const int DiskFull = 112; // ERROR_DISK_FULL
        const int ReadOnlyFileSystem = 30; // EROFS
        return (e.HResult & 0xFFFF) switch
        {
            NoSpace or DiskFull => new EventStoreException(
                "store-full", $"The disk of '{directory}' is full; free some space.", isTransient: true, inner: e),
            ReadOnlyFileSystem => ReadOnly(directory, e),
            _ => new EventStoreException(
                "store-unavailable",
                $"The data directory '{directory}' cannot be used: {e.Message}",
                isTransient: true,
                inner: e),
        };
    }
}
