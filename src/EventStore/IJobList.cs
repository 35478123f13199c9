namespace Elasticity.EventStore;

/// <summary>The derived list of jobs: written with the events (<see cref="AppendBatch.Jobs"/>), rebuilt from them,
/// never authoritative.</summary>
public interface IJobList
{
    /// <summary>Whether the list was found missing or incomplete when the store was opened: rebuild it from the
    /// log.</summary>
    bool NeedsRebuild { get; }

    /// <summary>Lists jobs, newest first, then by id.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="after">The last row of the page before; null begins.</param>
    /// <param name="limit">1 to 1,000.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The rows; fewer than <paramref name="limit"/> at the end.</returns>
    ValueTask<IReadOnlyList<JobRow>> ListAsync(
        JobFilter filter, JobListCursor? after, int limit, CancellationToken cancellationToken);

    /// <summary>Reads one row.</summary>
    /// <param name="id">The job.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The row, or null.</returns>
    ValueTask<JobRow?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Empties the list, before a rebuild.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>When done.</returns>
    ValueTask ClearAsync(CancellationToken cancellationToken);

    /// <summary>Inserts or replaces rows, in a rebuild. A row with a smaller version than the stored one is left
    /// out.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="isLast">The rebuild is complete: <see cref="NeedsRebuild"/> becomes false, also after a
    /// restart.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>When durable.</returns>
    ValueTask WriteAsync(IReadOnlyList<JobRow> rows, bool isLast, CancellationToken cancellationToken);
}

/// <summary>Which jobs to list; null means any.</summary>
/// <param name="State">Exactly this state.</param>
/// <param name="Search">The id or the name contains this, ignoring ASCII case; at most 128 characters.</param>
public sealed record JobFilter(string? State = null, string? Search = null);

/// <summary>A place in the list of jobs.</summary>
/// <param name="CreatedAt">Of the last row seen.</param>
/// <param name="Id">Of the last row seen.</param>
public sealed record JobListCursor(DateTimeOffset CreatedAt, string Id);
