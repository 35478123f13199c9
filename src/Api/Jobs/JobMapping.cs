using System.Collections.Immutable;
using System.Security.Cryptography;
using Elasticity.Api.Http;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Api.Jobs;

/// <summary>Between the messages and the domain: jobs.</summary>
internal static class JobMapping
{
    public static readonly string[] States =
    [
        JobWord.Opening, JobWord.Open, JobWord.Failing, JobWord.Cancelling, JobWord.Succeeded, JobWord.Failed,
        JobWord.Cancelled,
    ];

    /// <summary>A whole job.</summary>
    /// <param name="body">What came.</param>
    /// <param name="keyed">The id made of the <c>Idempotency-Key</c>; null when there is none.</param>
    /// <param name="limits">The limits in force.</param>
    public static Reply<JobSubmission> ToSubmission(SubmitJob body, string? keyed, Limits limits)
    {
        if (body.Id is not null && keyed is not null)
        {
            // The key is not stored: nobody could tell later that it was used for another id.
            throw Read.Invalid("Give an id or an Idempotency-Key, not both: each makes a retry the same job.");
        }

        JobId id = Read.Job(body.Id ?? keyed ?? NewId());
        JobDraft draft = ToDraft(body);
        DraftResolution resolved = draft.Resolve(limits);
        return resolved.Rejection is { } rejection ? rejection : new JobSubmission(id, draft.Header, resolved.Tasks);
    }

    public static string ToDigest(OpenJob body) =>
        body.Digest.Length == SHA256.HashSizeInBytes * 2 && body.Digest.All(char.IsAsciiHexDigitLower)
        ? body.Digest
        : throw Read.Invalid("digest is 64 lower-case hexadecimal digits.");

    public static int ToFirst(int? first) =>
        first ?? throw Read.Invalid("Say ?first=, the index of the chunk's first task.");

    public static JobDraft ToDraft(SubmitJob body)
    {
        TaskDraft[] tasks = new TaskDraft[body.Tasks.Count];
        PayloadBlocks blocks = BlocksFor(body.Tasks);
        string kind = string.Empty;
        for (int i = 0; i < tasks.Length; i++)
        {
            TaskInput task = Read.Element(body.Tasks[i], "tasks", i);
            kind = task.Kind == kind ? kind : task.Kind; // Neighbours share one text: a job may have a million tasks.
            tasks[i] = new TaskDraft(ToSpec(task, kind, blocks.Keep(task.Payload)), ToLinks(task.DependsOn));
        }

        return new JobDraft(ToHeader(body.Name, body.Policy, body.Labels), tasks);
    }

    /// <summary>One task; its payload stays where it is.</summary>
    public static TaskDraft ToDraft(TaskInput task) =>
        new(ToSpec(task, task.Kind, new Payload(task.Payload.Utf8)), ToLinks(task.DependsOn));

    public static ImmutableArray<TaskSpec> ToChunk(AddTasks body)
    {
        ImmutableArray<TaskSpec>.Builder tasks = ImmutableArray.CreateBuilder<TaskSpec>(body.Tasks.Count);
        PayloadBlocks blocks = BlocksFor(body.Tasks);
        for (int i = 0; i < body.Tasks.Count; i++)
        {
            TaskInput task = Read.Element(body.Tasks[i], "tasks", i);
            TaskSpec spec = ToSpec(task, task.Kind, blocks.Keep(task.Payload));
            tasks.Add(spec with { DependsOn = ToIndexes(task.DependsOn, i) });
        }

        return tasks.DrainToImmutable();
    }

    public static JobHeader ToHeader(
        string? name, PolicyDocument? policy, IReadOnlyDictionary<string, string>? labels) =>
        new(name ?? string.Empty, ToPolicy(policy), Read.Labels(labels));

    public static JobDocument ToDocument(JobSummary job) => new()
    {
        Id = job.Id.Value,
        Name = job.Name,
        State = job.State,
        IsPaused = job.IsPaused,
        TaskCount = job.TaskCount,
        Counts = new TaskCountsDocument
        {
            Blocked = job.Counts.Blocked,
            Released = job.Counts.Released,
            SkipAsked = job.Counts.SkipAsked,
            Succeeded = job.Counts.Succeeded,
            DeadLettered = job.Counts.DeadLettered,
            Cancelled = job.Counts.Cancelled,
            Skipped = job.Counts.Skipped,
        },
        Policy = ToDocument(job.Policy),
        Labels = job.Labels,
        CreatedAt = job.CreatedAt,
        SealedAt = job.SealedAt,
        EndedAt = job.EndedAt,
        TrimmedAt = job.TrimmedAt,
        Version = job.Version,
    };

    public static SubmitProgressDocument ToDocument(SubmitProgress progress) =>
        new() { TasksAdded = progress.TasksAdded, IsSealed = progress.IsSealed };

    private static PolicyDocument ToDocument(JobPolicy policy) => new()
    {
        OnDeadLetter = policy.OnDeadLetter switch
        {
            null => null,
            DeadLetterRule.FailFast => DeadLetterWord.FailFast,
            DeadLetterRule.Ignore => DeadLetterWord.Ignore,
            _ => DeadLetterWord.FailAtEnd,
        },
        Retry = policy.Retry is not { } retry ? null : new RetryDocument
        {
            AttemptsMax = retry.AttemptsMax,
            FirstSeconds = retry.First.TotalSeconds,
            Factor = retry.Factor,
            CapSeconds = retry.Cap.TotalSeconds,
            Jitter = retry.Jitter,
        },
        LeaseSeconds = policy.LeaseLength?.TotalSeconds,
        Priority = policy.Priority,
    };

    private static JobPolicy ToPolicy(PolicyDocument? policy) => policy is null ? JobPolicy.Default : new JobPolicy
    {
        OnDeadLetter = policy.OnDeadLetter switch
        {
            null => null,
            DeadLetterWord.FailAtEnd => DeadLetterRule.FailAtEnd,
            DeadLetterWord.FailFast => DeadLetterRule.FailFast,
            DeadLetterWord.Ignore => DeadLetterRule.Ignore,
            string word => throw Read.Invalid(
                $"onDeadLetter is {DeadLetterWord.FailAtEnd}, {DeadLetterWord.FailFast} or {DeadLetterWord.Ignore}, "
                    + $"not '{Identifier.Shorten(word)}'."),
        },
        Retry = ToRetry(policy.Retry),
        LeaseLength = ToTime(policy.LeaseSeconds),
        Priority = policy.Priority,
    };

    private static string NewId() => Guid.CreateVersion7().ToString("n");

    private static PayloadBlocks BlocksFor(IReadOnlyList<TaskInput> tasks) =>
        new(tasks.Sum(t => (long)(t?.Payload.Utf8.Length ?? 0)));

    private static TaskSpec ToSpec(TaskInput task, string kind, Payload payload) => new()
    {
        Kind = kind,
        Name = task.Name,
        Payload = payload,
        Retry = ToRetry(task.Retry),
        LeaseLength = ToTime(task.LeaseSeconds),
        Priority = task.Priority,
        NotBefore = task.NotBefore,
    };

    private static RetryPolicy? ToRetry(RetryDocument? retry) => retry is null ? null : new RetryPolicy
    {
        AttemptsMax = retry.AttemptsMax ?? RetryPolicy.Default.AttemptsMax,
        First = ToTime(retry.FirstSeconds) ?? RetryPolicy.Default.First,
        Factor = retry.Factor ?? RetryPolicy.Default.Factor,
        Cap = ToTime(retry.CapSeconds) ?? RetryPolicy.Default.Cap,
        Jitter = retry.Jitter ?? RetryPolicy.Default.Jitter,
    };

    private static TimeSpan? ToTime(double? seconds) => seconds is { } given ? Read.Seconds(given) : null;

    private static ImmutableArray<TaskLink> ToLinks(IReadOnlyList<TaskReference>? references) =>
        references is null ? [] : [.. references.Select(r => new TaskLink(r.Index, r.Name))];

    private static ImmutableArray<int> ToIndexes(IReadOnlyList<TaskReference>? references, int place) =>
        references is null ? [] : [.. references.Select(r => r.Name is null
            ? r.Index
            : throw Read.Invalid($"tasks[{place}] depends on a name; tasks of a chunk depend on indexes."))];
}
