namespace Elasticity.Contracts;

/// <summary>Part of a list.</summary>
/// <typeparam name="T">What is listed.</typeparam>
public sealed record PageDocument<T>
{
    /// <summary>The items; may be fewer than asked for before the end.</summary>
    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>What to ask the next page with, as <c>?cursor=</c>, opaque; null at the end.</summary>
    public string? Next { get; init; }
}

/// <summary>Part of the whole log.</summary>
public sealed record LogDocument
{
    /// <summary>The events; order is promised within a stream only.</summary>
    public required IReadOnlyList<EventDocument> Events { get; init; }

    /// <summary>Where to go on, as <c>?cursor=</c>; never null, for the log has no end.</summary>
    public required string Next { get; init; }

    /// <summary>Whether, when it was read, no further event was visible.</summary>
    public required bool IsEnd { get; init; }
}

/// <summary>A stored fact.</summary>
public sealed record EventDocument
{
    /// <summary><c>job/ID</c>, <c>task/JOB/INDEX</c>, <c>agent/ID</c>, <c>trimmed/ID</c>.</summary>
    public required string Stream { get; init; }

    /// <summary>Its place in the stream: 1, 2, 3, no gap.</summary>
    public required long Version { get; init; }

    /// <summary>Its stable, versioned name: <c>task-leased-1</c>. See docs/reference/events.md.</summary>
    public required string Type { get; init; }

    /// <summary>About the event, such as the trace context; absent when there is nothing to say.</summary>
    [System.Text.Json.Serialization.JsonIgnore(
        Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault)]
    public RawJson Metadata { get; init; }

    /// <summary>The event as it is stored, byte for byte, without payloads.</summary>
    public required RawJson Content { get; init; }

    /// <summary>The link of the hash chain; 64 hexadecimal digits.</summary>
    public required string Hash { get; init; }
}
