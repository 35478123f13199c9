namespace Elasticity.EventStore.Sqlite;

/// <summary>Tells damage inside SQLite's write-ahead log from the torn tail that a power failure leaves.</summary>
/// <remarks>
/// <para>SQLite reads the log up to the first frame that does not fit its checksum, and forgets what is behind. For a
/// torn tail that is right: nobody was told of that transaction. For damage it is a silent loss.</para>
/// <para>With <see cref="SqliteSynchronous.Full"/> a transaction is on disk before the next one is begun. Checksums
/// are chained, so a frame that fits what is <em>stored</em> in the one before it was written after that one. If behind
/// the first frame that does not fit a transaction ends and another one begins, the frame had been on disk: it is
/// damaged. Otherwise it may be a torn tail, and is taken for one: so damage in the last transaction is not told, nor
/// in the one before it when that may have lost its end, too.</para>
/// <para>What is left of an earlier attempt at a transaction, which was given up, cannot be mistaken: nothing goes on
/// from its end. Nor can frames of earlier lives of the log: their salts are others.</para>
/// </remarks>
internal static class WalCheck
{
    private static readonly bool[] Orders = [false, true];

    /// <summary>Looks for damage, in memory for two pages.</summary>
    /// <param name="log">The log, which nobody writes meanwhile.</param>
    /// <param name="openDatabase">The database file. Opened only if the log's header is damaged.</param>
    /// <returns>Null when SQLite may read it.</returns>
    public static WalDamage? Find(Stream log, Func<Stream> openDatabase)
    {
        Span<byte> bytes = stackalloc byte[WalHeader.Length];
        log.Position = 0;
        if (log.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            return null;
        }

        WalHeader header = WalHeader.Read(bytes);
        if (header.IsSound)
        {
            return new WalScan(log, header).Run();
        }

        using Stream database = openDatabase();
        return FindBehind(header, log, database);
    }

    // A header that is not sound may be a torn one, too: it is written when the log begins anew, over frames that are
    // in the database by then. Nothing is lost with those.
    private static WalDamage? FindBehind(WalHeader damaged, Stream log, Stream database)
    {
        if (WalHeader.PageBytesOf(database) is not { } pageBytes)
        {
            return null; // SQLite will say that it is no database.
        }

        foreach (bool isBigEndian in Orders)
        {
            WalScan scan = new(log, damaged with { IsBigEndian = isBigEndian, PageBytes = pageBytes });
            if (scan.Run() is { } damage && !IsInDatabase(scan.LastEnd, pageBytes, log, database))
            {
                return damage;
            }
        }

        return null;
    }

    // No later frame can hold the page with which the last transaction ended.
    private static bool IsInDatabase(long lastEnd, int pageBytes, Stream log, Stream database)
    {
        WalFrame last = new(pageBytes);
        log.Position = lastEnd;
        _ = last.TryRead(log);

        byte[] page = new byte[pageBytes];
        database.Position = (last.Page - 1L) * pageBytes;
        return database.ReadAtLeast(page, pageBytes, throwOnEndOfStream: false) == pageBytes
            && last.Content.SequenceEqual(page);
    }
}
