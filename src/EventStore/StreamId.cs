namespace Elasticity.EventStore;

/// <summary>The name of a stream: <c>job/ID</c>, <c>task/JOB/INDEX</c>, <c>agent/ID</c>. Stored for ever; ASCII;
/// ordinal order.</summary>
/// <param name="Value">1 to 200 ASCII characters.</param>
public readonly record struct StreamId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Where a stream stands: what the next append must name.</summary>
/// <param name="Version">The version of the last event; 0 before the first.</param>
/// <param name="Hash">The hash of the last event; all zero before the first.</param>
public readonly record struct StreamHead(long Version, Hash256 Hash)
{
    /// <summary>The head of a stream that has no event yet.</summary>
    public static StreamHead None => default;
}
