namespace Elasticity.EventStore.Sqlite;

/// <summary>Reads and writes the derived list of jobs.</summary>
internal static class JobQueries
{
    private const string Columns = "id, name, state, created, version, summary";

    private const string UpsertSql =
        $"""
        INSERT INTO jobs ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (id) DO UPDATE SET
            name = excluded.name, state = excluded.state, created = excluded.created, version = excluded.version,
            summary = excluded.summary
        WHERE excluded.version >= jobs.version
        """;

    public static void Upsert(Database database, IReadOnlyList<JobRow> rows)
    {
        for (int i = 0; i < rows.Count; i++)
        {
            JobRow row = rows[i];
            database.Prepare(UpsertSql)
                .Bind(1, row.Id)
                .Bind(2, row.Name)
                .Bind(3, row.State)
                .Bind(4, row.CreatedAt.UtcTicks)
                .Bind(5, row.Version)
                .Bind(6, row.Summary.Span)
                .Run();
        }
    }

    public static JobRow? Find(Database database, string id)
    {
        using Rows rows = database.Prepare($"SELECT {Columns} FROM jobs WHERE id = ?1").Bind(1, id).Query();
        return rows.Next() ? Read(rows) : null;
    }

    public static IReadOnlyList<JobRow> List(Database database, JobFilter filter, JobListCursor? after, int limit)
    {
        Statement statement = database.Prepare(ListSql(filter)).Bind(1, limit);
        statement.Bind(2, after?.CreatedAt.UtcTicks ?? long.MaxValue).Bind(3, after?.Id ?? string.Empty);
        if (filter.State is not null)
        {
            statement.Bind(4, filter.State);
        }

        if (filter.Search is not null)
        {
            statement.Bind(5, filter.Search);
        }

        List<JobRow> list = [];
        using Rows rows = statement.Query();
        while (rows.Next())
        {
            list.Add(Read(rows));
        }

        return list;
    }

    // lower() of SQLite folds ASCII only, as the contract asks. Each of the four forms finds its own index.
    private static string ListSql(JobFilter filter)
    {
        string state = filter.State is null ? string.Empty : "AND state = ?4";
        string search = filter.Search is null
            ? string.Empty
            : "AND (instr(lower(id), lower(?5)) > 0 OR instr(lower(name), lower(?5)) > 0)";
        return $"""
            SELECT {Columns} FROM jobs
            WHERE created <= ?2 AND (created < ?2 OR id > ?3) {state} {search}
            ORDER BY created DESC, id LIMIT ?1
            """;
    }

    private static JobRow Read(Rows rows) => new(
        rows.Text(0),
        rows.Text(1),
        rows.Text(2),
        new DateTimeOffset(rows.Int64(3), TimeSpan.Zero),
        rows.Int64(4),
        rows.Bytes(5));
}
