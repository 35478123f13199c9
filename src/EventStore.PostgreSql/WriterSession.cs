using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Elasticity.EventStore.PostgreSql;

/// <summary>The writer's connection and what it owns. Used by the writer's loop only, so nothing is locked.</summary>
/// <remarks>
/// An epoch belongs to one connection. After a break the next connection raises it, which waits for whatever the
/// former one has under way and makes void whatever of it has not begun; only then can be said what was written.
/// </remarks>
internal sealed class WriterSession : IAsyncDisposable
{
    private const long NotOwner = 0; // The epochs in the table begin with 1.

    private readonly Database _database;
    private readonly TimeSpan _timeout;
    private readonly bool _isShared;
    private readonly string? _fencedWhen;
    private readonly Guid _holder = Guid.NewGuid();
    private string _name = string.Empty;
    private NpgsqlConnection? _connection;
    private AppendCommand? _append;
    private long _epoch = NotOwner;
    private long _lastEpoch = NotOwner;
    private long _number;

    public WriterSession(Database database, PostgreSqlEventStoreOptions options)
    {
        _database = database;
        _timeout = options.OwnershipTimeout;
        _isShared = options.IsShared;
        _fencedWhen = options.FencedWhen;
    }

    public bool IsOwner => _epoch != NotOwner;

    /// <summary>Makes sure of a connection; for an owner it ends what the one before may have left under way.</summary>
    public async Task<NpgsqlConnection> ConnectAsync()
    {
        if (_connection is not null)
        {
            return _connection;
        }

        NpgsqlConnection connection = await _database.OpenSingleAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (_isShared)
            {
                await JoinAsync(connection).ConfigureAwait(false);
            }
            else if (IsOwner)
            {
                PostgreSqlMetrics.Resumed();
                await ClaimAsync(connection, isResuming: true).ConfigureAwait(false);
            }

            _append = await AppendCommand.PrepareAsync(connection, _fencedWhen).ConfigureAwait(false);
            _connection = connection;
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Does something, and gives up the connection where it may be to blame for a failure.</summary>
    /// <returns>The failure, or null.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "A caller waits to be told; the loop goes on.")]
    public async Task<Exception?> TryAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            if (!PostgreSqlErrors.LeavesConnectionGood(e))
            {
                await DisconnectAsync().ConfigureAwait(false);
            }

            return e;
        }
    }

    /// <summary>In a shared store the epoch stays what it is: its row is only the lock that puts commits in
    /// order.</summary>
    private async Task JoinAsync(NpgsqlConnection connection)
    {
        const string Query = "SELECT o.epoch, coalesce((SELECT max(number) FROM commits), 0) FROM owner AS o";
        (_epoch, _number) = (await Database.RunAsync(
            connection, Query, r => (r.GetInt64(0), r.GetInt64(1)), CancellationToken.None).ConfigureAwait(false))[0];
    }

    private async Task DisconnectAsync()
    {
        NpgsqlConnection? connection = _connection;
        AppendCommand? append = _append;
        (_connection, _append) = (null, null);
        if (connection is not null && append is not null)
        {
            await CloseAsync(append).ConfigureAwait(false);
            await CloseAsync(connection).ConfigureAwait(false);
        }
    }

    private static async Task CloseAsync(IAsyncDisposable broken)
    {
        try
        {
            await broken.DisposeAsync().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // what is thrown away owes nobody anything, and the writer must go on
        catch (Exception)
#pragma warning restore CA1031
        {
            // It is no longer used.
        }
    }

    /// <summary>Appends what has the heads it was decided on.</summary>
    /// <returns>The refused ones; the others are durable.</returns>
    public async Task<List<Refusal>> AppendAsync(IReadOnlyList<AppendRequest> group)
    {
        await ConnectAsync().ConfigureAwait(false);
        long begin = Stopwatch.GetTimestamp();
        List<Refusal> refusals =
            await _append!.ExecuteAsync(_epoch, _timeout / 5, _number + 1, group).ConfigureAwait(false);
        if (refusals is [{ Batch: 0 }, ..])
        {
            _epoch = NotOwner;
        }
        else if (refusals.Count < group.Count)
        {
            _number++; // Only what was written has a number: a gap would look like a ring that is not full yet.
            PostgreSqlMetrics.Committed(Stopwatch.GetElapsedTime(begin), group.Count - refusals.Count);
        }

        return refusals;
    }

    /// <summary>Tells which batches are in the store; those that are not never will be.</summary>
    public async Task<(HashSet<Guid> Found, bool IsCertain)> FindAsync(Guid[] batches)
    {
        const string Query = "SELECT found, is_certain FROM find_batches($1, $2)";
        (Guid[] found, bool isCertain) = await OneAsync(
            Query, r => (r.GetFieldValue<Guid[]>(0), r.GetBoolean(1)), _lastEpoch, batches).ConfigureAwait(false);

        // Who never owned the store never wrote to it, so nothing of it can have been forgotten. In a shared one others
        // may have used the places in the ring; there whoever asks looks at the heads, which tell as well.
        return ([.. found], isCertain || _lastEpoch == NotOwner);
    }

    public async Task<OwnershipClaim> ClaimAsync(string name)
    {
        if (_isShared)
        {
            return new OwnershipClaim(IsMine: false, "all silos together", TimeSpan.Zero);
        }

        _name = name;
        NpgsqlConnection connection = await ConnectAsync().ConfigureAwait(false);
        return await ClaimAsync(connection, isResuming: false).ConfigureAwait(false);
    }

    public async Task<bool> RenewAsync()
    {
        const string Update = "UPDATE owner SET renewed_at = clock_timestamp() WHERE epoch = $1 RETURNING true";
        List<bool> renewed = await AllAsync(Update, r => r.GetBoolean(0), _epoch).ConfigureAwait(false);
        if (renewed.Count == 0)
        {
            _epoch = NotOwner;
        }

        return IsOwner;
    }

    public async Task<bool> ReleaseAsync()
    {
        if (_isShared)
        {
            return false;
        }

        const string Update = """
            UPDATE owner SET epoch = epoch + 1, holder = NULL, name = 'nobody', renewed_at = clock_timestamp()
            WHERE epoch = $1 RETURNING true
            """;
        List<bool> released = await AllAsync(Update, r => r.GetBoolean(0), _epoch).ConfigureAwait(false);
        _epoch = NotOwner;
        return released.Count > 0;
    }

    /// <summary>Calls a function that takes the epoch first and says whether it was the owner's.</summary>
    /// <exception cref="EventStoreException"><c>store-locked</c>: it was not.</exception>
    public async Task<bool> WriteAsync(string sql, params object?[] values)
    {
        await ConnectAsync().ConfigureAwait(false); // Which tells the epoch of a shared store.
        if (await OneAsync(sql, r => r.GetBoolean(0), [_epoch, .. values]).ConfigureAwait(false))
        {
            return true;
        }

        _epoch = NotOwner;
        throw new EventStoreException(
            "store-locked", "Another process owns the store; nothing was written.", isTransient: false);
    }

    public async Task<List<T>> AllAsync<T>(string sql, Func<NpgsqlDataReader, T> map, params object?[] values)
    {
        NpgsqlConnection connection = await ConnectAsync().ConfigureAwait(false);
        return await Database.RunAsync(connection, sql, map, CancellationToken.None, values).ConfigureAwait(false);
    }

    /// <summary>Lets a standby take over at once, where the server can be told, and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (IsOwner && !_isShared && _connection is not null)
            {
                await ReleaseAsync().ConfigureAwait(false);
            }
        }
        catch (NpgsqlException)
        {
            // Then the standby waits for the timeout.
        }

        await DisconnectAsync().ConfigureAwait(false);
    }

    private async Task<T> OneAsync<T>(string sql, Func<NpgsqlDataReader, T> map, params object?[] values) =>
        (await AllAsync(sql, map, values).ConfigureAwait(false))[0];

    private async Task<OwnershipClaim> ClaimAsync(NpgsqlConnection connection, bool isResuming)
    {
        try
        {
            return await TryClaimAsync(connection, isResuming).ConfigureAwait(false);
        }
        catch (PostgresException e) when (PostgreSqlErrors.IsLockTimeout(e))
        {
            // Somebody is inside a commit: an owner that is alive, or one that stopped right there.
            bool isEvicted = (await Database.RunAsync(
                connection, "SELECT evict($1)", r => r.GetBoolean(0), CancellationToken.None, _timeout)
                .ConfigureAwait(false))[0];
            if (isEvicted)
            {
                PostgreSqlMetrics.Evicted();
                return await TryClaimAsync(connection, isResuming).ConfigureAwait(false);
            }

            if (IsOwner)
            {
                throw;
            }

            return await LookAsync(connection).ConfigureAwait(false);
        }
    }

    private async Task<OwnershipClaim> TryClaimAsync(NpgsqlConnection connection, bool isResuming)
    {
        const string Claim = "SELECT coalesce(claimed_epoch, 0), owner_name, renewed_ago FROM claim($1, $2, $3, $4)";
        const string LastNumber = "SELECT coalesce(max(number), 0) FROM commits";
        OwnershipClaim? claim = null;
        await Database.RunAsync(
            connection,
            Claim,
            r =>
            {
                _epoch = r.GetInt64(0);
                claim = new OwnershipClaim(IsOwner, r.GetString(1), r.GetTimeSpan(2));
                return 0;
            },
            CancellationToken.None,
            _holder,
            _name,
            _timeout,
            isResuming).ConfigureAwait(false);
        if (IsOwner)
        {
            _lastEpoch = _epoch;
            _number = (await Database.RunAsync(
                connection, LastNumber, r => r.GetInt64(0), CancellationToken.None).ConfigureAwait(false))[0];
        }

        return claim!;
    }

    private static async Task<OwnershipClaim> LookAsync(NpgsqlConnection connection)
    {
        const string Query = "SELECT name, clock_timestamp() - renewed_at FROM owner";
        return (await Database.RunAsync(
            connection,
            Query,
            r => new OwnershipClaim(IsMine: false, r.GetString(0), r.GetTimeSpan(1)),
            CancellationToken.None).ConfigureAwait(false))[0];
    }
}
