using System.Globalization;

namespace Elasticity.EventStore.Sqlite;

/// <summary>One process owns a data directory: the operating system's lock on a file, gone with the process however
/// it ends.</summary>
internal sealed class OwnerLock : IDisposable
{
    private const string LockName = "owner.lock";

    // Beside the lock, because nobody else can open the locked file to read it.
    private const string OwnerName = "owner.txt";

    private readonly FileStream _file;
    private readonly string _ownerPath;
    private bool _isDisposed;

    private OwnerLock(FileStream file, string ownerPath)
    {
        _file = file;
        _ownerPath = ownerPath;
    }

    /// <summary>Takes the lock, making the directory if need be.</summary>
    /// <exception cref="EventStoreException"><c>store-locked</c>, <c>store-read-only</c>, or another code.</exception>
    public static OwnerLock Take(string directory)
    {
        string ownerPath = Path.Combine(directory, OwnerName);
        try
        {
            Directory.CreateDirectory(directory);
            FileStream file = Open(Path.Combine(directory, LockName), directory, ownerPath);
            try
            {
                File.WriteAllText(ownerPath, Myself());
                return new OwnerLock(file, ownerPath);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (UnauthorizedAccessException e)
        {
            throw FileErrors.ReadOnly(directory, e);
        }
        catch (IOException e)
        {
            throw FileErrors.From(directory, e);
        }
    }

    public void Dispose()
    {
        // A second call must not touch the name of a successor, so first the name, then the lock, and both once.
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        try
        {
            File.Delete(_ownerPath);
        }
        catch (IOException)
        {
            // A stale name is read only while somebody holds the lock, who has written a new one by then.
        }
        catch (UnauthorizedAccessException)
        {
            // The same.
        }

        _file.Dispose();
    }

    /// <summary>Does something while nobody owns the directory, and nobody can begin to. It need not be
    /// writable.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="work">What to do; for moments only, since an owner who comes meanwhile is refused.</param>
    /// <returns>False when somebody owns it, or nobody may ask: nothing was done.</returns>
    public static bool TryWhileFree(string directory, Action work)
    {
        try
        {
            using FileStream lockFile =
                new(Path.Combine(directory, LockName), FileMode.Open, FileAccess.Read, FileShare.Read);
            work();
            return true;
        }
        catch (FileNotFoundException)
        {
            // A copy: nobody has ever owned it.
            work();
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException e) when (IsLock(e))
        {
            return false;
        }
    }

    private static FileStream Open(string path, string directory, string ownerPath)
    {
        // FileShare.None is an exclusive lock on every system (flock on Unix).
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsLock(e))
        {
            throw new EventStoreException(
                "store-locked",
                $"The data directory '{directory}' is in use by {ReadOwner(ownerPath)}. "
                + "Stop it first, or use another directory.",
                isTransient: true,
                inner: e);
        }
    }

    // 32 is ERROR_SHARING_VIOLATION on Windows; on Unix it is the errno of a lock held by another: EAGAIN, or
    // EWOULDBLOCK.
    private static bool IsLock(IOException e) => (e.HResult & 0xFFFF) is 32 or 11 or 35;

    private static string ReadOwner(string ownerPath)
    {
        try
        {
            const FileShare Anything = FileShare.ReadWrite | FileShare.Delete;
            using FileStream file = new(ownerPath, FileMode.Open, FileAccess.Read, Anything);
            using StreamReader reader = new(file);
            string owner = reader.ReadToEnd().Trim();
            return owner.Length > 0 ? owner : "another process";
        }
        catch (IOException)
        {
            return "another process";
        }
        catch (UnauthorizedAccessException)
        {
            return "another process";
        }
    }

    private static string Myself() => string.Create(
        CultureInfo.InvariantCulture,
        $"process {Environment.ProcessId} ({Path.GetFileName(Environment.ProcessPath)}) on {Environment.MachineName}");
}
