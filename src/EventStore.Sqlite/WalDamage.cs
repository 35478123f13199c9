namespace Elasticity.EventStore.Sqlite;

/// <summary>A damaged place in a write-ahead log, behind which SQLite would drop what had been stored.</summary>
/// <param name="Frame">Which frame does not fit, from 1 on; 0 is the header.</param>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Transactions">How many whole transactions are told there and behind it. One whose own end is damaged is
/// not counted.</param>
internal readonly record struct WalDamage(long Frame, long Offset, long Transactions);
