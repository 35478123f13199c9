namespace Elasticity.EventStore;

/// <summary>How an append ended. Trouble with the database itself is an <see cref="EventStoreException"/>
/// instead.</summary>
public abstract record AppendResult
{
    private AppendResult() { }

    /// <summary>Durable: on disk, fsynced (the in-memory store: in memory).</summary>
    public sealed record Appended : AppendResult
    {
        /// <summary>The only value.</summary>
        public static readonly Appended Instance = new();
    }

    /// <summary>Somebody appended first; nothing of the batch was written.</summary>
    /// <param name="Stream">The first stream whose head differed.</param>
    /// <param name="Actual">Its head in the store.</param>
    public sealed record Conflict(StreamId Stream, StreamHead Actual) : AppendResult;

    /// <summary>Another process owns the store now; nothing was written, and nothing will be by this one.</summary>
    /// <param name="Owner">Who owns it, in words for a human.</param>
    public sealed record Fenced(string Owner) : AppendResult;
}
