namespace Elasticity.EventStore;

/// <summary>The job list of an <see cref="InMemoryEventStore"/>.</summary>
internal sealed class InMemoryJobList : IJobList
{
    private readonly InMemoryData _data;
    private readonly Action<CancellationToken> _enter;

    public InMemoryJobList(InMemoryData data, bool needsRebuild, Action<CancellationToken> enter)
    {
        _data = data;
        _enter = enter;
        NeedsRebuild = needsRebuild;
    }

    public bool NeedsRebuild { get; private set; }

    public ValueTask<IReadOnlyList<JobRow>> ListAsync(
        JobFilter filter, JobListCursor? after, int limit, CancellationToken cancellationToken)
    {
        _enter(cancellationToken);
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.JobPageMax);
        lock (_data)
        {
            return ValueTask.FromResult<IReadOnlyList<JobRow>>([.. _data.Jobs.Values
                .Where(r => Matches(r, filter) && (after is null || IsAfter(r, after)))
                .OrderByDescending(r => r.CreatedAt)
                .ThenBy(r => r.Id, StringComparer.Ordinal)
                .Take(limit)]);
        }
    }

    public ValueTask<JobRow?> FindAsync(string id, CancellationToken cancellationToken)
    {
        _enter(cancellationToken);
        lock (_data)
        {
            return ValueTask.FromResult(_data.Jobs.GetValueOrDefault(id));
        }
    }

    public ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        _enter(cancellationToken);
        lock (_data)
        {
            _data.Jobs.Clear();
            _data.IsJobListComplete = false;
            NeedsRebuild = true;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask WriteAsync(IReadOnlyList<JobRow> rows, bool isLast, CancellationToken cancellationToken)
    {
        _enter(cancellationToken);
        lock (_data)
        {
            foreach (JobRow row in rows)
            {
                _data.Upsert(row);
            }

            if (isLast)
            {
                _data.IsJobListComplete = true;
                NeedsRebuild = false;
            }
        }

        return ValueTask.CompletedTask;
    }

    private static bool Matches(JobRow row, JobFilter filter) =>
        (filter.State is null || row.State == filter.State)
        && (filter.Search is null || Contains(row.Id, filter.Search) || Contains(row.Name, filter.Search));

    // Only A to Z are folded, as in the other stores: a database knows nothing of other letters, or not the same.
    private static bool Contains(string text, string search) =>
        Fold(text).Contains(Fold(search), StringComparison.Ordinal);

    private static string Fold(string text) =>
        string.Create(text.Length, text, static (folded, t) =>
        {
            for (int i = 0; i < t.Length; i++)
            {
                folded[i] = char.IsAsciiLetterUpper(t[i]) ? (char)(t[i] | 0x20) : t[i];
            }
        });

    private static bool IsAfter(JobRow row, JobListCursor after) =>
        row.CreatedAt < after.CreatedAt
        || (row.CreatedAt == after.CreatedAt && string.CompareOrdinal(row.Id, after.Id) > 0);
}
