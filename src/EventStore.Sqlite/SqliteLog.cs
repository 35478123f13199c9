using static System.FormattableString;

namespace Elasticity.EventStore.Sqlite;

/// <summary>The file of SQLite's write-ahead log, before SQLite sees it.</summary>
internal static class SqliteLog
{
    private const FileShare Anything = FileShare.ReadWrite | FileShare.Delete;

    /// <summary>Refuses a log behind whose damage SQLite would drop what had been stored. Changes nothing.</summary>
    /// <param name="path">The database file. The caller owns it, and has no connection to it.</param>
    /// <exception cref="EventStoreException"><c>store-corrupt</c>, or the file cannot be read.</exception>
    public static void CheckOwned(string path)
    {
        if (FindDamage(path) is { } damage)
        {
            throw Corrupt(path, damage);
        }
    }

    /// <summary>The same for somebody who does not own it: what an owner is writing meanwhile is not judged.</summary>
    /// <param name="path">The database file.</param>
    /// <exception cref="EventStoreException"><c>store-corrupt</c>, or the file cannot be read.</exception>
    public static void CheckUnowned(string path)
    {
        // Only what looks damaged is worth keeping owners away for the length of another look.
        if (FindDamage(path) is not null)
        {
            _ = OwnerLock.TryWhileFree(DirectoryOf(path), () => CheckOwned(path));
        }
    }

    /// <summary>Makes durable what a killed process has left to the operating system.</summary>
    /// <remarks>Otherwise the transaction that it was killed over and the first of ours could be torn together, which
    /// would look like damage.</remarks>
    /// <param name="path">The database file.</param>
    public static void Sync(string path) => WithLog(path, FileAccess.ReadWrite, log =>
    {
        RandomAccess.FlushToDisk(log.SafeFileHandle);
        return true;
    });

    // Once the database file is closed again the locks that this process has on it are gone (POSIX). Only a damaged
    // header makes us open it, and an owner has none yet.
    private static WalDamage? FindDamage(string path) => WithLog<WalDamage?>(
        path, FileAccess.Read, log => WalCheck.Find(log, () => Open(path, FileAccess.Read)));

    private static T? WithLog<T>(string path, FileAccess access, Func<FileStream, T> work)
    {
        try
        {
            using FileStream log = Open(LogOf(path), access);
            return work(log);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return default;
        }
        catch (UnauthorizedAccessException e)
        {
            throw FileErrors.ReadOnly(DirectoryOf(path), e);
        }
        catch (IOException e)
        {
            throw FileErrors.From(DirectoryOf(path), e);
        }
    }

    private static FileStream Open(string path, FileAccess access) =>
        new(path, FileMode.Open, access, Anything, bufferSize: 0);

    private static string LogOf(string path) => path + "-wal";

    private static string DirectoryOf(string path) => Path.GetDirectoryName(path)!;

    private static EventStoreException Corrupt(string path, WalDamage damage)
    {
        string place = damage.Frame == 0
            ? "The header"
            : Invariant($"Frame {damage.Frame}, which begins at byte {damage.Offset},");
        return new EventStoreException(
            "store-corrupt",
            Invariant($"{place} of '{LogOf(path)}' is damaged, and opening it would drop stored transactions, ")
            + Invariant($"{damage.Transactions} of them. Nothing was changed. Keep a copy of the directory, then ")
            + "restore a backup.",
            isTransient: false);
    }
}
