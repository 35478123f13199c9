using Elasticity.EventStore;
using Elasticity.EventStore.Sqlite;

namespace Elasticity.Benchmarks.Append;

/// <summary>SQLite in a directory of its own.</summary>
internal sealed class MeasuredSqlite : MeasuredStore
{
    private readonly string _directory;
    private readonly SqliteEventStore _store;

    private MeasuredSqlite(string directory, SqliteEventStore store)
    {
        _directory = directory;
        _store = store;
    }

    /// <inheritdoc/>
    public override string Name => "sqlite";

    /// <inheritdoc/>
    public override string Durable => "WAL, synchronous=FULL: one fsync of the log for each commit";

    /// <inheritdoc/>
    public override IEventStore Store => _store;

    /// <summary>Opens it.</summary>
    /// <param name="parent">Where its directory is made; null means the directory for temporary files.</param>
    public static async Task<MeasuredSqlite> OpenAsync(string? parent)
    {
        string directory = Directory.CreateDirectory(
            Path.Combine(parent ?? Path.GetTempPath(), $"elasticity-append-{Guid.NewGuid():N}")).FullName;
        SqliteEventStoreOptions options = new() { Directory = directory, Synchronous = SqliteSynchronous.Full };
        return new MeasuredSqlite(directory, await SqliteEventStore.OpenAsync(options, CancellationToken.None));
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
