namespace Elasticity.EventStore;

/// <summary>How far log readers are behind the commits, because a transaction that began earlier is still
/// open.</summary>
/// <param name="Transactions">Transaction ids, of the whole server, between the oldest open one and the newest.</param>
/// <param name="Events">Committed events that the log withholds until then; counted to 10,000.</param>
/// <param name="Horizon">Where the log ends for now. While it moves, transactions end, however many others
/// begin.</param>
public sealed record LogLag(long Transactions, long Events, long Horizon);
