namespace Elasticity.EventStore.Sqlite;

/// <summary>The job list in the same file.</summary>
internal sealed class SqliteJobList : IJobList
{
    private readonly SqliteEventStore _store;
    private volatile bool _needsRebuild;

    public SqliteJobList(SqliteEventStore store, bool needsRebuild)
    {
        _store = store;
        _needsRebuild = needsRebuild;
    }

    public bool NeedsRebuild => _needsRebuild;

    public ValueTask<IReadOnlyList<JobRow>> ListAsync(
        JobFilter filter, JobListCursor? after, int limit, CancellationToken cancellationToken)
    {
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.JobPageMax);
        return _store.ReadAsync(d => JobQueries.List(d, filter, after, limit), cancellationToken);
    }

    public ValueTask<JobRow?> FindAsync(string id, CancellationToken cancellationToken) =>
        _store.ReadAsync(d => JobQueries.Find(d, id), cancellationToken);

    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        _needsRebuild = true;
        await _store.WriteAsync(
            new WriteRequest<bool>(
                s =>
                {
                    s.Database.Prepare("DELETE FROM jobs").Run();
                    Schema.SetJobListComplete(s.Database, isComplete: false);
                    return true;
                },
                weight: 1),
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask WriteAsync(IReadOnlyList<JobRow> rows, bool isLast, CancellationToken cancellationToken)
    {
        await _store.WriteAsync(
            new WriteRequest<bool>(
                s =>
                {
                    JobQueries.Upsert(s.Database, rows);
                    if (isLast)
                    {
                        Schema.SetJobListComplete(s.Database, isComplete: true);
                    }

                    return true;
                },
                rows.Count + 1),
            cancellationToken).ConfigureAwait(false);
        if (isLast)
        {
            _needsRebuild = false;
        }
    }
}
