namespace Elasticity.EventStore.Sqlite;

/// <summary>Makes the tables, and refuses files that this release must not touch.</summary>
internal static class Schema
{
    /// <summary>The kind of engine that owns the data. Another kind must not run on it.</summary>
    public const string Kind = "embedded";

    private const int Version = 1;
    private const int ApplicationId = 1_164_730_739;

    // The table, two indexes, and the trigger.
    private const int JobObjects = 4;

    /// <summary>Prepares a file for writing: makes what is missing.</summary>
    /// <param name="database">The connection; no other one is open.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="shardCount">The number of shards for a new file.</param>
    public static void Prepare(Database database, string path, int shardCount)
    {
        if (IsNew(database, path))
        {
            Create(database, shardCount);
        }

        Check(database, path);
        RepairJobs(database);
    }

    /// <summary>Refuses a file that is not of this program, this release or this kind of engine.</summary>
    /// <param name="database">The connection.</param>
    /// <param name="path">The file, for messages.</param>
    public static void Check(Database database, string path)
    {
        if (IsNew(database, path))
        {
            throw new EventStoreException("store-unavailable", $"'{path}' holds no data yet.", isTransient: false);
        }

        string kind = Meta(database, "kind");
        if (kind != Kind)
        {
            throw new EventStoreException(
                "store-version",
                $"'{path}' belongs to the {kind} engine, and the {Kind} engine must not run on it.",
                isTransient: false);
        }
    }

    /// <summary>The number of shards the file was made with.</summary>
    public static int ShardCount(Database database) =>
        (int)(database.Scalar("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'shards'") ?? 0);

    /// <summary>Whether the job list holds everything.</summary>
    public static bool IsJobListComplete(Database database) =>
        AreJobObjectsIntact(database) && Meta(database, "jobs") == "complete";

    /// <summary>Notes whether the job list holds everything.</summary>
    public static void SetJobListComplete(Database database, bool isComplete) =>
        database.Prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('jobs', ?1)")
            .Bind(1, isComplete ? "complete" : "incomplete")
            .Run();

    /// <summary>Notes in the file that a process opened it; by its commit everything before it is on disk.</summary>
    public static void CountOpening(Database database) =>
        database.Prepare("UPDATE meta SET value = value + 1 WHERE key = 'opened'").Run();

    private static bool IsNew(Database database, string path)
    {
        long version = database.Scalar("PRAGMA user_version") ?? 0;
        long applicationId = database.Scalar("PRAGMA application_id") ?? 0;
        bool isEmpty = version == 0 && database.Scalar("SELECT count(*) FROM sqlite_master") == 0;
        if (isEmpty)
        {
            return true;
        }

        if (applicationId != ApplicationId || version < 1)
        {
            throw new EventStoreException(
                "store-version", $"'{path}' is a database of another program.", isTransient: false);
        }

        if (version > Version)
        {
            throw new EventStoreException(
                "store-version",
                $"'{path}' was written by a newer release: it has schema {version}, this one knows {Version}.",
                isTransient: false);
        }

        return false;
    }

    private static void Create(Database database, int shardCount)
    {
        database.Execute("BEGIN IMMEDIATE");
        database.Execute(Resource("store-1.sql"));
        database.Execute(Resource("jobs.sql"));
        Statement insert = database.Prepare("INSERT INTO meta (key, value) VALUES (?1, ?2)");
        insert.Bind(1, "kind").Bind(2, Kind).Run();
        insert.Bind(1, "jobs").Bind(2, "complete").Run();
        insert.Bind(1, "shards").Bind(2, shardCount).Run();
        insert.Bind(1, "opened").Bind(2, 0).Run();
        database.Execute("COMMIT");
    }

    private static void RepairJobs(Database database)
    {
        if (AreJobObjectsIntact(database))
        {
            return;
        }

        database.Execute("BEGIN IMMEDIATE");
        database.Execute(Resource("jobs.sql"));
        SetJobListComplete(database, isComplete: false);
        database.Execute("COMMIT");
    }

    // SQLite keeps the text of what was created, so ours must be found in the script word by word.
    private static bool AreJobObjectsIntact(Database database)
    {
        using Rows rows = database
            .Prepare("SELECT count(*) FROM sqlite_master WHERE tbl_name = 'jobs' AND instr(?1, sql) > 0")
            .Bind(1, Resource("jobs.sql"))
            .Query();
        return rows.Next() && rows.Int64(0) == JobObjects;
    }

    private static string Meta(Database database, string key)
    {
        using Rows rows = database.Prepare("SELECT value FROM meta WHERE key = ?1").Bind(1, key).Query();
        return rows.Next() ? rows.Text(0) : "(none)";
    }

    private static string Resource(string name)
    {
        using Stream stream = typeof(Schema).Assembly.GetManifestResourceStream(name)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
