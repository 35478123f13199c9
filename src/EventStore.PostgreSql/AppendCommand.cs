using Npgsql;
using NpgsqlTypes;

namespace Elasticity.EventStore.PostgreSql;

/// <summary>A batch that was not written.</summary>
/// <param name="Batch">Its number in the group, from 1; 0: all of them, because another process owns the store.</param>
/// <param name="Name">The first stream whose head differed; or the owner.</param>
/// <param name="Actual">The stream's head.</param>
internal sealed record Refusal(int Batch, string Name, StreamHead Actual);

/// <summary>The one statement that appends, prepared on one connection, and the arrays it takes.</summary>
internal sealed class AppendCommand : IAsyncDisposable
{
    // No owner has epoch 0: with it nothing is written.
    private static string Text(string? fencedWhen) => $"""
        SELECT batch, stream, version, hash FROM append(
            {(fencedWhen is null ? "$1" : $"CASE WHEN {fencedWhen} THEN 0 ELSE $1 END")},
            $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
            $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)
        """;

    private readonly NpgsqlCommand _command;
    private readonly NpgsqlParameter<long> _epoch = new() { NpgsqlDbType = NpgsqlDbType.Bigint };
    private readonly NpgsqlParameter<TimeSpan> _renewAfter = new() { NpgsqlDbType = NpgsqlDbType.Interval };
    private readonly NpgsqlParameter<long> _number = new() { NpgsqlDbType = NpgsqlDbType.Bigint };
    private readonly List<Guid> _batches = [];

    private readonly List<string> _trimStreams = [];
    private readonly List<long> _trimVersions = [];
    private readonly List<byte[]> _trimHashes = [];

    private readonly List<int> _streamBatches = [];
    private readonly List<string> _streams = [];
    private readonly List<long> _streamVersions = [];
    private readonly List<byte[]> _streamHashes = [];
    private readonly List<int> _shards = [];
    private readonly List<bool> _areOpen = [];

    private readonly List<int> _eventBatches = [];
    private readonly List<string> _eventStreams = [];
    private readonly List<long> _eventVersions = [];
    private readonly List<string> _types = [];
    private readonly List<ReadOnlyMemory<byte>> _metadata = [];
    private readonly List<ReadOnlyMemory<byte>> _contents = [];
    private readonly List<ReadOnlyMemory<byte>> _attachments = [];
    private readonly List<byte[]> _eventHashes = [];

    private readonly JobColumns _jobs = new();

    private AppendCommand(NpgsqlConnection connection, string? fencedWhen)
    {
#pragma warning disable CA2100 // the condition is the program's own, nobody's input
        _command = new NpgsqlCommand(Text(fencedWhen), connection);
#pragma warning restore CA2100
        _command.Parameters.AddRange(Parameters());
    }

    /// <summary>Prepares the statement.</summary>
    /// <param name="connection">The connection that it is for.</param>
    /// <param name="fencedWhen"><see cref="PostgreSqlEventStoreOptions.FencedWhen"/>.</param>
    public static async Task<AppendCommand> PrepareAsync(NpgsqlConnection connection, string? fencedWhen)
    {
        AppendCommand command = new(connection, fencedWhen);
        await command._command.PrepareAsync(CancellationToken.None).ConfigureAwait(false);
        return command;
    }

    /// <summary>Appends.</summary>
    /// <param name="epoch">The epoch that must be the owner's.</param>
    /// <param name="renewAfter">The age from which the ownership is renewed in passing.</param>
    /// <param name="number">The number of the transaction: one more than the last.</param>
    /// <param name="group">What to append.</param>
    /// <returns>The refused ones; the others are durable.</returns>
    public Task<List<Refusal>> ExecuteAsync(
        long epoch, TimeSpan renewAfter, long number, IReadOnlyList<AppendRequest> group)
    {
        Clear();
        _epoch.TypedValue = epoch;
        _renewAfter.TypedValue = renewAfter;
        _number.TypedValue = number;
        for (int i = 0; i < group.Count; i++)
        {
            Add(i + 1, group[i]);
        }

        return Database.RunAsync(_command, ToRefusal, CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _command.DisposeAsync();

    // In the order of the function's parameters.
    private NpgsqlParameter[] Parameters() =>
    [
        _epoch,
        _renewAfter,
        _number,
        Columns.Of(_batches, NpgsqlDbType.Uuid),

        Columns.Of(_trimStreams, NpgsqlDbType.Text),
        Columns.Of(_trimVersions, NpgsqlDbType.Bigint),
        Columns.Of(_trimHashes, NpgsqlDbType.Bytea),

        Columns.Of(_streamBatches, NpgsqlDbType.Integer),
        Columns.Of(_streams, NpgsqlDbType.Text),
        Columns.Of(_streamVersions, NpgsqlDbType.Bigint),
        Columns.Of(_streamHashes, NpgsqlDbType.Bytea),
        Columns.Of(_shards, NpgsqlDbType.Integer),
        Columns.Of(_areOpen, NpgsqlDbType.Boolean),

        Columns.Of(_eventBatches, NpgsqlDbType.Integer),
        Columns.Of(_eventStreams, NpgsqlDbType.Text),
        Columns.Of(_eventVersions, NpgsqlDbType.Bigint),
        Columns.Of(_types, NpgsqlDbType.Text),
        Columns.Of(_metadata, NpgsqlDbType.Bytea),
        Columns.Of(_contents, NpgsqlDbType.Bytea),
        Columns.Of(_attachments, NpgsqlDbType.Bytea),
        Columns.Of(_eventHashes, NpgsqlDbType.Bytea),

        .. _jobs.Parameters(),
    ];

    private static Refusal ToRefusal(NpgsqlDataReader row) => row.GetInt32(0) == 0
        ? new Refusal(0, row.GetString(1), StreamHead.None)
        : new Refusal(row.GetInt32(0), row.GetString(1), Rows.Head(row, 2));

    private void Add(int number, AppendRequest request)
    {
        _batches.Add(request.Batch.Id);
        foreach (StreamInfo trim in request.Trims)
        {
            _trimStreams.Add(trim.Stream.Value);
            _trimVersions.Add(trim.Head.Version);
            _trimHashes.Add(trim.Head.Hash.ToArray());
        }

        foreach (StreamAppend append in request.Batch.Streams)
        {
            Add(number, append);
        }

        foreach (StreamId stream in request.Batch.Absent)
        {
            Expect(number, stream, StreamHead.None, shard: 0, isOpen: false);
        }

        foreach (JobRow row in request.Batch.Jobs)
        {
            _jobs.Add(number, row);
        }
    }

    private void Add(int number, StreamAppend append)
    {
        Expect(number, append.Stream, append.Expected, append.Shard, append.IsOpen);
        long version = append.Expected.Version;
        foreach (EventRecord e in append.Events)
        {
            version++;
            _eventBatches.Add(number);
            _eventStreams.Add(append.Stream.Value);
            _eventVersions.Add(version);
            _types.Add(e.Type);
            _metadata.Add(e.Metadata);
            _contents.Add(e.Content);
            _attachments.Add(e.Attachments);
            _eventHashes.Add(e.Hash.ToArray());
        }
    }

    private void Expect(int number, StreamId stream, StreamHead head, int shard, bool isOpen)
    {
        _streamBatches.Add(number);
        _streams.Add(stream.Value);
        _streamVersions.Add(head.Version);
        _streamHashes.Add(head.Hash.ToArray());
        _shards.Add(shard);
        _areOpen.Add(isOpen);
    }

    private void Clear()
    {
        _batches.Clear();
        _trimStreams.Clear();
        _trimVersions.Clear();
        _trimHashes.Clear();

        _streamBatches.Clear();
        _streams.Clear();
        _streamVersions.Clear();
        _streamHashes.Clear();
        _shards.Clear();
        _areOpen.Clear();

        _eventBatches.Clear();
        _eventStreams.Clear();
        _eventVersions.Clear();
        _types.Clear();
        _metadata.Clear();
        _contents.Clear();
        _attachments.Clear();
        _eventHashes.Clear();
        _jobs.Clear();
    }
}
