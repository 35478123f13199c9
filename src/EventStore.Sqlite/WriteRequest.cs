namespace Elasticity.EventStore.Sqlite;

/// <summary>Something for the writer thread to do within a transaction.</summary>
internal abstract class WriteRequest
{
    protected WriteRequest(int weight) => Weight = weight;

    /// <summary>About how many rows it writes, to bound a transaction.</summary>
    public int Weight { get; }

    /// <summary>Whether it asks what became of another request, so that the store must be sure of its past
    /// first.</summary>
    public bool NeedsCertainty { get; init; }

    /// <summary>
    /// Does the work; again, when the transaction failed. Throws only when the whole transaction is lost: the failure
    /// of this request alone is kept for its caller.
    /// </summary>
    public abstract void Execute(WriteSession session);

    /// <summary>Answers the caller: the transaction is durable.</summary>
    public abstract void Complete();

    /// <summary>Answers the caller: the transaction failed.</summary>
    public abstract void Fail(Exception exception);
}
