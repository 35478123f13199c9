using System.Collections.Immutable;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Client.Http;

/// <summary>Between the domain and the messages: jobs. Nothing is lost on the way, because the digest of a job is
/// computed on both sides.</summary>
internal static class JobMapping
{
    public static SubmitJob ToMessage(JobSubmission submission) => new()
    {
        Id = submission.Id.Value,
        Name = submission.Header.Name,
        Policy = ToMessage(submission.Header.Policy),
        Labels = submission.Header.Labels,
        Tasks = ToInputs(submission.Tasks),
    };

    public static OpenJob ToMessage(JobHeader header, string digest, int taskCount) => new()
    {
        Name = header.Name,
        Policy = ToMessage(header.Policy),
        Labels = header.Labels,
        Digest = digest,
        TaskCount = taskCount,
    };

    public static TaskInput[] ToInputs(IReadOnlyList<TaskSpec> tasks)
    {
        TaskInput[] inputs = new TaskInput[tasks.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = ToInput(tasks[i]);
        }

        return inputs;
    }

    public static SubmitProgress ToProgress(SubmitProgressDocument document) =>
        new(document.TasksAdded, document.IsSealed);

    public static JobSummary ToSummary(JobDocument job) => new(
        new JobId(job.Id),
        job.Name,
        job.State,
        job.IsPaused,
        job.TaskCount,
        new TaskCounts(
            job.Counts.Blocked,
            job.Counts.Released,
            job.Counts.SkipAsked,
            job.Counts.Succeeded,
            job.Counts.DeadLettered,
            job.Counts.Cancelled,
            job.Counts.Skipped),
        ToPolicy(job.Policy),
        job.Labels.ToImmutableSortedDictionary(StringComparer.Ordinal),
        job.CreatedAt,
        job.SealedAt,
        job.EndedAt,
        job.Version)
    {
        TrimmedAt = job.TrimmedAt,
    };

    private static TaskInput ToInput(TaskSpec task) => new()
    {
        Kind = task.Kind,
        Name = task.Name,
        Payload = new RawJson(task.Payload.Bytes),
        DependsOn = task.DependsOn.IsDefaultOrEmpty ? null : [.. task.DependsOn.Select(i => new TaskReference(i))],
        Retry = ToMessage(task.Retry),
        LeaseSeconds = Seconds.Of(task.LeaseLength),
        Priority = task.Priority,
        NotBefore = task.NotBefore,
    };

    private static PolicyDocument? ToMessage(JobPolicy policy) => policy == JobPolicy.Default ? null : new()
    {
        OnDeadLetter = policy.OnDeadLetter switch
        {
            null => null,
            DeadLetterRule.FailAtEnd => DeadLetterWord.FailAtEnd,
            DeadLetterRule.FailFast => DeadLetterWord.FailFast,
            DeadLetterRule.Ignore => DeadLetterWord.Ignore,
            DeadLetterRule unknown => unknown.ToString(), // The server says what is wrong with it.
        },
        Retry = ToMessage(policy.Retry),
        LeaseSeconds = Seconds.Of(policy.LeaseLength),
        Priority = policy.Priority,
    };

    private static RetryDocument? ToMessage(RetryPolicy? retry) => retry is null ? null : new()
    {
        AttemptsMax = retry.AttemptsMax,
        FirstSeconds = Seconds.Of(retry.First),
        Factor = retry.Factor,
        CapSeconds = Seconds.Of(retry.Cap),
        Jitter = retry.Jitter,
    };

    private static JobPolicy ToPolicy(PolicyDocument policy) => new()
    {
        OnDeadLetter = policy.OnDeadLetter switch
        {
            null => null,
            DeadLetterWord.FailFast => DeadLetterRule.FailFast,
            DeadLetterWord.Ignore => DeadLetterRule.Ignore,
            _ => DeadLetterRule.FailAtEnd,
        },
        Retry = ToRetry(policy.Retry),
        LeaseLength = Seconds.ToTime(policy.LeaseSeconds),
        Priority = policy.Priority,
    };

    private static RetryPolicy? ToRetry(RetryDocument? retry) => retry is null ? null : new()
    {
        AttemptsMax = retry.AttemptsMax ?? RetryPolicy.Default.AttemptsMax,
        First = Seconds.ToTime(retry.FirstSeconds) ?? RetryPolicy.Default.First,
        Factor = retry.Factor ?? RetryPolicy.Default.Factor,
        Cap = Seconds.ToTime(retry.CapSeconds) ?? RetryPolicy.Default.Cap,
        Jitter = retry.Jitter ?? RetryPolicy.Default.Jitter,
    };
}
