using System.Text.Json.Serialization;

namespace Elasticity.Contracts;

/// <summary>Asks for tasks: <c>POST /v1/agents/{id}/sessions/{session}/lease</c>.</summary>
public sealed record LeaseTasks
{
    /// <summary>Chosen by the agent, new for each request: 1 to 128 of <c>[A-Za-z0-9._-]</c>. Repeated, the request
    /// returns the same leases, so that a lost answer loses nothing.</summary>
    public required string RequestId { get; init; }

    /// <summary>How many tasks at most; 1 to 1,000.</summary>
    public required int Max { get; init; }

    /// <summary>How long to wait when there are none; 0 to 60. Default: 0.</summary>
    public double? WaitSeconds { get; init; }

    /// <summary>Some of the kinds that the agent offers; null or empty means all.</summary>
    public IReadOnlyList<string>? Kinds { get; init; }
}

/// <summary>Leases given.</summary>
public sealed record LeasedTasks
{
    /// <summary>The tasks; empty when the wait is over.</summary>
    public required IReadOnlyList<LeasedTaskDocument> Tasks { get; init; }
}

/// <summary>A task in the hands of an agent.</summary>
public sealed record LeasedTaskDocument
{
    /// <summary>Its job.</summary>
    public required string Job { get; init; }

    /// <summary>Its place in the job, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Its name; null when it has none.</summary>
    public string? Name { get; init; }

    /// <summary>Its kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Its input, byte for byte as submitted; absent when it has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public RawJson Payload { get; init; }

    /// <summary>Its run: 1, then +1 with each redrive.</summary>
    public required int Run { get; init; }

    /// <summary>Which attempt of the run; 1 is the first.</summary>
    public required int Attempt { get; init; }

    /// <summary>The fence: give it to whatever the task writes to.</summary>
    public required long Token { get; init; }

    /// <summary>How long the lease lasts without a heartbeat.</summary>
    public required double LeaseSeconds { get; init; }
}

/// <summary>Says which leases the session works on, and extends those:
/// <c>POST /v1/agents/{id}/sessions/{session}/heartbeat</c>. What is not named is not extended.</summary>
public sealed record SendHeartbeat
{
    /// <summary>The leases; at most 10,000. Empty is a sign of life.</summary>
    public required IReadOnlyList<HeldLeaseDocument> Leases { get; init; }
}

/// <summary>A lease that the session works on.</summary>
public sealed record HeldLeaseDocument
{
    /// <summary>The job.</summary>
    public required string Job { get; init; }

    /// <summary>The task's place in the job.</summary>
    public required int Index { get; init; }

    /// <summary>The token of the lease.</summary>
    public required long Token { get; init; }

    /// <summary>What to show people, at most 256 characters; null keeps what was said before.</summary>
    public string? Progress { get; init; }
}

/// <summary>What became of the leases of a heartbeat. Those that are not named were extended.</summary>
public sealed record HeartbeatAnswerDocument
{
    /// <summary>How many leases were extended, those with a request to cancel among them.</summary>
    public required int Renewed { get; init; }

    /// <summary>Extended, but the job asks to stop.</summary>
    public required IReadOnlyList<LeaseNameDocument> CancelRequested { get; init; }

    /// <summary>No longer the session's: stop, and do not settle.</summary>
    public required IReadOnlyList<LeaseNameDocument> Lost { get; init; }

    /// <summary>The session is to finish what it has.</summary>
    public required bool IsDraining { get; init; }
}

/// <summary>A lease, by name.</summary>
public sealed record LeaseNameDocument
{
    /// <summary>The job.</summary>
    public required string Job { get; init; }

    /// <summary>The task's place in the job.</summary>
    public required int Index { get; init; }

    /// <summary>The token of the lease.</summary>
    public required long Token { get; init; }
}
