namespace Elasticity.Contracts;

/// <summary>What went wrong, as RFC 9457 wants it: <c>application/problem+json</c>.</summary>
public sealed record ProblemDocument
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary><c>/problems/CODE</c>, relative to the server.</summary>
    public required string Type { get; init; }

    /// <summary>What the code means, the same for every occurrence.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>One sentence for a human about this occurrence.</summary>
    public required string Detail { get; init; }

    /// <summary>Stable, kebab-case: what programs switch on. <see cref="ProblemCode"/>, or a code of the
    /// domain.</summary>
    public required string Code { get; init; }

    /// <summary>For finding the request in the server's log.</summary>
    public string? TraceId { get; init; }
}
