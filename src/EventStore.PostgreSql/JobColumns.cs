using Npgsql;
using NpgsqlTypes;

namespace Elasticity.EventStore.PostgreSql;

/// <summary>Rows of the job list as one array per column, in the order of the functions' parameters.</summary>
internal sealed class JobColumns
{
    private readonly List<int> _batches = [];
    private readonly List<string> _ids = [];
    private readonly List<string> _names = [];
    private readonly List<string> _states = [];
    private readonly List<long> _createdAt = [];
    private readonly List<long> _versions = [];
    private readonly List<ReadOnlyMemory<byte>> _summaries = [];

    public void Add(int batch, JobRow row)
    {
        _batches.Add(batch);
        _ids.Add(row.Id);
        _names.Add(Text(row.Name));
        _states.Add(row.State);
        _createdAt.Add(Ticks(row.CreatedAt));
        _versions.Add(row.Version);
        _summaries.Add(row.Summary);
    }

    /// <summary>New parameters for one command.</summary>
    public NpgsqlParameter[] Parameters() =>
    [
        Columns.Of(_batches, NpgsqlDbType.Integer),
        Columns.Of(_ids, NpgsqlDbType.Text),
        Columns.Of(_names, NpgsqlDbType.Text),
        Columns.Of(_states, NpgsqlDbType.Text),
        Columns.Of(_createdAt, NpgsqlDbType.Bigint),
        Columns.Of(_versions, NpgsqlDbType.Bigint),
        Columns.Of(_summaries, NpgsqlDbType.Bytea),
    ];

    public void Clear()
    {
        _batches.Clear();
        _ids.Clear();
        _names.Clear();
        _states.Clear();
        _createdAt.Clear();
        _versions.Clear();
        _summaries.Clear();
    }

    /// <summary>What can be stored as text: PostgreSQL has no U+0000 there.</summary>
    public static string Text(string text) => text.Replace('\0', '\uFFFD');

    /// <summary>100 ns since 1970 UTC: a timestamp of PostgreSQL would round to microseconds.</summary>
    public static long Ticks(DateTimeOffset instant) => instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;

    public static DateTimeOffset Instant(long ticks) => DateTimeOffset.UnixEpoch.AddTicks(ticks);
}
