namespace Elasticity.EventStore.Sqlite;

/// <summary>One way through a write-ahead log, from its first frame to its last: <see cref="WalCheck"/>.</summary>
internal sealed class WalScan
{
    private readonly Stream _log;
    private readonly WalHeader _header;
    private WalFrame _frame;
    private WalFrame _previous;

    // What the next frame is held against: what is stored in the one before it, damaged or not.
    private WalChecksum _checksum;
    private ulong _saltsBefore;
    private bool _fitsBefore;
    private bool _isEndBefore;

    // Without a header nobody says them: then the first frame that goes on from another does.
    private ulong? _salts;

    private WalDamage? _damage;
    private bool _isProven;

    /// <summary>Makes one.</summary>
    /// <param name="log">The log.</param>
    /// <param name="header">Its header. If that is not sound, all frames are behind a damage, and only the order of
    /// bytes and the size of pages must be right.</param>
    public WalScan(Stream log, WalHeader header)
    {
        _log = log;
        _header = header;
        _frame = new WalFrame(header.PageBytes);
        _previous = new WalFrame(header.PageBytes);
        _checksum = header.Checksum;
        _saltsBefore = header.Salts;
        _salts = header.IsSound ? header.Salts : null;
        _damage = header.IsSound ? null : new WalDamage(Frame: 0, Offset: 0, Transactions: 0);
    }

    /// <summary>Where the last frame begins that ends a transaction behind the damage.</summary>
    public long LastEnd { get; private set; }

    /// <summary>Goes through the log.</summary>
    /// <returns>The damage; null when what does not fit may be a torn tail.</returns>
    public WalDamage? Run()
    {
        _log.Position = WalHeader.Length;
        for (long number = 1; _frame.TryRead(_log); number++)
        {
            bool fits = Fits();
            if (!fits)
            {
                _damage ??= new WalDamage(number, _frame.Offset, Transactions: 0);
            }

            if (_damage is not null)
            {
                Judge(fits);
            }

            (_checksum, _saltsBefore, _fitsBefore) = (_frame.Checksum, _frame.Salts, fits);
            (_frame, _previous) = (_previous, _frame);
        }

        return _isProven ? _damage : null;
    }

    private bool Fits()
    {
        // Most of a log may be of an earlier life; that need not be summed.
        if (_frame.Salts != (_salts ?? _saltsBefore) || !_frame.Fits(_checksum, _header.IsBigEndian))
        {
            return false;
        }

        _salts ??= _frame.Salts;
        return true;
    }

    // A transaction is begun when the one before it is on disk. So a frame behind the end of one, behind the damage,
    // proves that what is damaged had been on disk.
    private void Judge(bool fits)
    {
        if (fits && _isEndBefore && _frame.Repeats(_previous, _fitsBefore))
        {
            return;
        }

        _isProven |= fits && _isEndBefore;
        _isEndBefore = IsEnd(fits);
        if (_isEndBefore)
        {
            _damage = _damage!.Value with { Transactions = _damage.Value.Transactions + 1 };
            LastEnd = _frame.Offset;
        }
    }

    // Of a frame that does not fit the header may still be right. If it may be made of two, the older of which ended
    // a transaction of an earlier life, it says nothing.
    private bool IsEnd(bool fits) =>
        _frame.DatabasePages != 0 && (fits || (_frame.Salts == _salts && _frame.HasHeaderInOneSector));
}
