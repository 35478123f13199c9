using System.Net.Sockets;
using Npgsql;

namespace Elasticity.EventStore.PostgreSql;

/// <summary>Says in the words of <see cref="EventStoreException"/> what Npgsql and the server say.</summary>
internal static class PostgreSqlErrors
{
    /// <summary>The statement failed and the server said so in an orderly way: nothing of it was written.</summary>
    /// <remarks>Not so for FATAL: a server that shuts down can end a connection that has just committed.</remarks>
    public static bool IsRolledBack(Exception e) => e is PostgresException { InvariantSeverity: "ERROR" };

    /// <summary>The connection is gone, or never came about; another one may work.</summary>
    public static bool IsConnectionTrouble(Exception e) => e switch
    {
        PostgresException p => p.InvariantSeverity != "ERROR" || IsUnavailable(p.SqlState),
        NpgsqlException or SocketException or IOException or TimeoutException => true,
        _ => false,
    };

    /// <summary>The connection can go on. Not with a server that takes no writes: another may be found.</summary>
    public static bool LeavesConnectionGood(Exception e) =>
        e is EventStoreException
        || (IsRolledBack(e) && e is not PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction });

    public static bool IsLockTimeout(Exception e) =>
        e is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };

    public static EventStoreException Translate(Exception e, bool isOutcomeUnknown = false)
    {
        if (e is EventStoreException known)
        {
            return known;
        }

        (string code, string message, bool isTransient) = Describe(e);
        return new EventStoreException(code, message, isTransient, isOutcomeUnknown, e);
    }

    private static (string Code, string Message, bool IsTransient) Describe(Exception e) => e switch
    {
        PostgresException p when IsUnavailable(p.SqlState) =>
            ("store-unavailable", $"PostgreSQL is not available: {Sentence(p.MessageText)}", true),
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } =>
            ("store-unavailable", "Another transaction keeps the store's row of ownership locked.", true),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } p =>
            ("store-full", $"The disk of PostgreSQL is full: {Sentence(p.MessageText)}", true),
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } p =>
            ("store-read-only", $"PostgreSQL accepts no writes, as a standby does: {Sentence(p.MessageText)}", true),
        PostgresException { SqlState: PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted } p =>
            ("store-corrupt", $"PostgreSQL found damaged data: {Sentence(p.MessageText)}", false),
        PostgresException p =>
            ("store-failed", $"PostgreSQL refused ({p.SqlState}): {Sentence(p.MessageText)}", p.IsTransient),
        _ when IsConnectionTrouble(e) =>
            ("store-unavailable", $"PostgreSQL cannot be reached: {Sentence(e.Message)}", true),
        _ => ("store-failed", $"The PostgreSQL store failed: {Sentence(e.Message)}", false),
    };

    /// <summary>What PostgreSQL and Npgsql say often has no full stop, and stands before other sentences.</summary>
    private static string Sentence(string text) =>
        text.TrimEnd() is [.., not ('.' or '!' or '?')] open ? $"{open}." : text;

    // Class 08: connection; 57P0x: shutting down, crashed, starting, database dropped; 53300: too many connections.
    private static bool IsUnavailable(string sqlState) =>
        sqlState.StartsWith("08", StringComparison.Ordinal)
        || sqlState.StartsWith("57P0", StringComparison.Ordinal)
        || sqlState == PostgresErrorCodes.TooManyConnections;
}
