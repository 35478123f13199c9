using System.Text.RegularExpressions;
using Npgsql;

namespace Elasticity.EventStore.PostgreSql;

/// <summary>The derived list of jobs in a table.</summary>
internal sealed partial class PostgreSqlJobList : IJobList
{
    private const string Columns = "id, name, state, created_at, version, summary";

    private readonly Database _database;
    private readonly Writer _writer;
    private volatile bool _needsRebuild;

    public PostgreSqlJobList(Database database, Writer writer, bool needsRebuild)
    {
        _database = database;
        _writer = writer;
        _needsRebuild = needsRebuild;
    }

    public bool NeedsRebuild => _needsRebuild;

    public async ValueTask<IReadOnlyList<JobRow>> ListAsync(
        JobFilter filter, JobListCursor? after, int limit, CancellationToken cancellationToken)
    {
        const string Query = $"""
            SELECT {Columns} FROM jobs
            WHERE created_at <= $1 AND (created_at < $1 OR id > $2)
                AND ($3::text IS NULL OR state = $3) AND ($4::text IS NULL OR id ILIKE $4 OR name ILIKE $4)
            ORDER BY created_at DESC, id LIMIT $5
            """;
        EventStoreArguments.CheckLimit(limit, EventStoreArguments.JobPageMax);
        return await _database.ReadAsync(
            Query,
            ToRow,
            cancellationToken,
            after is null ? long.MaxValue : JobColumns.Ticks(after.CreatedAt),
            after?.Id ?? string.Empty,
            filter.State,
            filter.Search is { } search ? $"%{Escape(JobColumns.Text(search))}%" : null,
            limit).ConfigureAwait(false);
    }

    public async ValueTask<JobRow?> FindAsync(string id, CancellationToken cancellationToken)
    {
        const string Query = $"SELECT {Columns} FROM jobs WHERE id = $1";
        List<JobRow> rows = await _database.ReadAsync(Query, ToRow, cancellationToken, id).ConfigureAwait(false);
        return rows is [JobRow row] ? row : null;
    }

    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        await _writer.RunAsync(s => s.WriteAsync("SELECT clear_jobs($1)"), cancellationToken).ConfigureAwait(false);
        _needsRebuild = true;
    }

    public async ValueTask WriteAsync(IReadOnlyList<JobRow> rows, bool isLast, CancellationToken cancellationToken)
    {
        const string Call = "SELECT write_jobs($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        JobColumns columns = new();
        foreach (JobRow row in rows)
        {
            columns.Add(1, row);
        }

        await _writer.RunAsync(s => s.WriteAsync(Call, [isLast, .. columns.Parameters()]), cancellationToken)
            .ConfigureAwait(false);
        if (isLast)
        {
            _needsRebuild = false;
        }
    }

    // Columns that compare by bytes fold the case of ASCII letters only, which is what the contract says.
    private static string Escape(string search) =>
        EscapedInLike().Replace(search, @"\$0");

    [GeneratedRegex(@"[\\%_]")]
    private static partial Regex EscapedInLike();

    private static JobRow ToRow(NpgsqlDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        row.GetString(2),
        JobColumns.Instant(row.GetInt64(3)),
        row.GetInt64(4),
        Rows.Bytes(row, 5));
}
