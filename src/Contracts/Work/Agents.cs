using System.Text.Json.Serialization;

namespace Elasticity.Contracts;

/// <summary>Opens a session: <c>PUT /v1/agents/{id}/sessions/{session}</c>.</summary>
public sealed record RegisterAgent
{
    /// <summary>The capabilities it offers; 1 to 256, each 1 to 64 of <c>[A-Za-z0-9._-]</c>.</summary>
    public required IReadOnlyList<string> Kinds { get; init; }

    /// <summary>How many tasks it executes at once; at least 1. Default: 1. For people: the agent asks for as many as
    /// it has room for.</summary>
    public int? Slots { get; init; }

    /// <summary>For people; at most 32.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

/// <summary>An agent as it is shown and listed.</summary>
public sealed record AgentDocument
{
    /// <summary>Its id, stable over its restarts.</summary>
    public required string Id { get; init; }

    /// <summary>Its session, or the last one.</summary>
    public required string Session { get; init; }

    /// <summary><c>live</c>, <c>draining</c>, <c>gone</c>.</summary>
    public required string State { get; init; }

    /// <summary>The capabilities it offers.</summary>
    public required IReadOnlyList<string> Kinds { get; init; }

    /// <summary>How many tasks it executes at once.</summary>
    public required int Slots { get; init; }

    /// <summary>As given.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Whether it lives in the server's own process.</summary>
    public required bool IsInProcess { get; init; }

    /// <summary>When the session began, UTC.</summary>
    [JsonConverter(typeof(Rfc3339Converter))]
    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>How long ago it was heard of.</summary>
    public required double SeenSecondsAgo { get; init; }

    /// <summary>How many leases it holds.</summary>
    public required int LeaseCount { get; init; }
}
