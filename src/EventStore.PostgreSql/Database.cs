using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Elasticity.EventStore.PostgreSql;

/// <summary>The connections of one store: a pool for readers, and single ones outside of it for the writer.</summary>
internal sealed class Database : IAsyncDisposable
{
    // The schema is found by the search path, so that every statement is constant. The others guard promises against
    // the settings of a role or a database: a statement sees what its locks waited for, a commit is on disk. And all
    // statements are small: where the planner fears otherwise, compiling them takes a thousand times what they do.
    private const string Settings = """
        SELECT set_config('search_path', quote_ident($1) || ', pg_temp', false),
            set_config('default_transaction_isolation', 'read committed', false),
            set_config('jit', 'off', false),
            CASE WHEN current_setting('synchronous_commit') = 'off'
                THEN set_config('synchronous_commit', 'on', false) END
        """;

    /// <summary>More than there are different statements.</summary>
    private const int PreparedMax = 50;

    private readonly NpgsqlDataSource _pool;
    private readonly NpgsqlDataSource _single;

    public Database(PostgreSqlEventStoreOptions options)
    {
        NpgsqlConnectionStringBuilder settings = new(options.ConnectionString)
        {
            CommandTimeout = (int)options.CommandTimeout.TotalSeconds,
            MaxPoolSize = options.ReadersMax,
            Enlist = false, // An ambient transaction of the caller must not decide over what we called durable.
            Multiplexing = false,
            NoResetOnClose = true, // A reset would undo the settings of the connection.
            MaxAutoPrepare = PreparedMax, // To plan one takes longer than to run it.
        };
        settings.ApplicationName ??= "elasticity";

        _pool = Build(settings, options.Schema);
        settings.Pooling = false;
        _single = Build(settings, options.Schema);
    }

    /// <summary>Opens a connection of its own, which no pool keeps.</summary>
    public ValueTask<NpgsqlConnection> OpenSingleAsync(CancellationToken cancellationToken) =>
        _single.OpenConnectionAsync(cancellationToken);

    /// <summary>Runs a query that only reads; once more when a connection from the pool turns out to be dead.</summary>
    /// <exception cref="EventStoreException">It failed.</exception>
    public async Task<List<T>> ReadAsync<T>(
        string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken, params object?[] values)
    {
        for (bool isLast = false; ; isLast = true)
        {
            bool isOpen = false;
            try
            {
                NpgsqlConnection connection =
                    await _pool.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    isOpen = true;
                    return await RunAsync(connection, sql, map, cancellationToken, values).ConfigureAwait(false);
                }
            }
            catch (NpgsqlException e) when (isOpen && !isLast && IsBroken(e))
            {
                _pool.Clear(); // The server was restarted: the other idle connections are dead too.
            }
            catch (Exception e) when (e is not (OperationCanceledException or ObjectDisposedException))
            {
                throw PostgreSqlErrors.Translate(e);
            }
        }
    }

    /// <summary>Runs one statement on a connection.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "Callers pass constants; values are parameters.")]
    public static async Task<List<T>> RunAsync<T>(
        NpgsqlConnection connection,
        string sql,
        Func<NpgsqlDataReader, T> map,
        CancellationToken cancellationToken,
        params object?[] values)
    {
        NpgsqlCommand command = new(sql, connection);
        await using (command.ConfigureAwait(false))
        {
            foreach (object? value in values)
            {
                command.Parameters.Add(
                    value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
            }

            return await RunAsync(command, map, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs a command and reads its rows.</summary>
    public static async Task<List<T>> RunAsync<T>(
        NpgsqlCommand command, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
    {
        List<T> rows = [];
        NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                rows.Add(map(reader));
            }

            return rows;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _single.DisposeAsync().ConfigureAwait(false);
        await _pool.DisposeAsync().ConfigureAwait(false);
    }

    // A statement that took too long would take as long again.
    private static bool IsBroken(NpgsqlException e) =>
        PostgreSqlErrors.IsConnectionTrouble(e) && e.InnerException is not TimeoutException;

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings, string schema)
    {
        NpgsqlDataSourceBuilder builder = new(settings.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            _ => throw new NotSupportedException("The store opens connections asynchronously only."),
            connection => RunAsync(connection, Settings, _ => 0, CancellationToken.None, schema));
        return builder.Build();
    }
}
