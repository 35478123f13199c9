namespace Elasticity.Contracts;

/// <summary>A whole job, in one call: <c>POST /v1/jobs</c>.</summary>
public sealed record SubmitJob
{
    /// <summary>The job's id, 1 to 128 of <c>[A-Za-z0-9._-]</c>. Choose it, and submitting again is harmless. Null:
    /// made from the <c>Idempotency-Key</c>, or else at random. With both the submit is <c>invalid</c>.</summary>
    public string? Id { get; init; }

    /// <summary>For humans; at most 256 characters.</summary>
    public string? Name { get; init; }

    /// <summary>For all tasks; null means the defaults.</summary>
    public PolicyDocument? Policy { get; init; }

    /// <summary>For finding the job again; at most 32, each text at most 256 characters.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The tasks; their place here is their index. At most 1,000,000, and as many as fit the body
    /// limit.</summary>
    public required IReadOnlyList<TaskInput> Tasks { get; init; }
}

/// <summary>Begins a submit in chunks: <c>POST /v1/jobs/{id}/open</c>.</summary>
public sealed record OpenJob
{
    /// <summary>For humans; at most 256 characters.</summary>
    public string? Name { get; init; }

    /// <summary>For all tasks; null means the defaults.</summary>
    public PolicyDocument? Policy { get; init; }

    /// <summary>For finding the job again; at most 32, each text at most 256 characters.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>SHA-256 over policy and tasks, 64 lower-case hexadecimal digits; how, is in
    /// docs/reference/http-api.md.</summary>
    public required string Digest { get; init; }

    /// <summary>How many tasks will come; 0 to 1,000,000.</summary>
    public required int TaskCount { get; init; }
}

/// <summary>The next chunk: <c>POST /v1/jobs/{id}/tasks?first=N</c>.</summary>
public sealed record AddTasks
{
    /// <summary>At most 1,000 tasks and 1 MiB of payloads; dependencies by index.</summary>
    public required IReadOnlyList<TaskInput> Tasks { get; init; }
}

/// <summary>How far a submit in chunks is.</summary>
public sealed record SubmitProgressDocument
{
    /// <summary>How many tasks have arrived: where the next chunk begins.</summary>
    public required int TasksAdded { get; init; }

    /// <summary>Whether the job is accepted already.</summary>
    public required bool IsSealed { get; init; }
}
