using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;

namespace Elasticity.Engine;

/// <summary>What clients ask for. All commands are idempotent.</summary>
public interface IJobs
{
    /// <summary>Submits a whole job. Answers when it is durable: then it is accepted and never lost.</summary>
    /// <param name="submission">The job. A submit that broke off goes on where it stopped.</param>
    /// <param name="cancellationToken">Stops waiting; the submit may have been accepted.</param>
    /// <returns>The job; or <c>job-exists</c>, <c>invalid</c>, <c>limit-exceeded</c>, <c>dependency-unknown</c>,
    /// <c>dependency-cycle</c>, <c>job-state</c> (cancelled while it was being submitted).</returns>
    ValueTask<Reply<SubmitReceipt>> SubmitAsync(JobSubmission submission, CancellationToken cancellationToken);

    /// <summary>Begins a submit in chunks, or takes it up again.</summary>
    /// <param name="job">The job's id.</param>
    /// <param name="header">Name, policy and labels as given.</param>
    /// <param name="digest">See <see cref="JobDigest"/>; 64 hexadecimal digits.</param>
    /// <param name="taskCount">How many tasks will come.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How far it is; or <c>job-exists</c>, <c>invalid</c>, <c>limit-exceeded</c>.</returns>
    ValueTask<Reply<SubmitProgress>> OpenAsync(
        JobId job, JobHeader header, string digest, int taskCount, CancellationToken cancellationToken);

    /// <summary>Adds the next chunk.</summary>
    /// <param name="job">The job.</param>
    /// <param name="first">The index of its first task: <see cref="SubmitProgress.TasksAdded"/> of the answer
    /// before.</param>
    /// <param name="tasks">The tasks; dependencies by index.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How far it is; or <c>job-unknown</c>, <c>job-incomplete</c>, <c>invalid</c>, <c>limit-exceeded</c>,
    /// <c>dependency-unknown</c>.</returns>
    ValueTask<Reply<SubmitProgress>> AddTasksAsync(
        JobId job, int first, ImmutableArray<TaskSpec> tasks, CancellationToken cancellationToken);

    /// <summary>Ends a submit in chunks: the job is accepted and scheduling starts.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The job; or <c>job-unknown</c>, <c>job-incomplete</c>, <c>digest-mismatch</c>,
    /// <c>dependency-cycle</c>.</returns>
    ValueTask<Reply<JobSummary>> SealAsync(JobId job, CancellationToken cancellationToken);

    /// <summary>Asks a job to stop: not yet leased tasks are cancelled, running ones are asked to stop.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The job; or <c>job-unknown</c>, <c>job-state</c>.</returns>
    ValueTask<Reply<JobSummary>> CancelAsync(JobId job, CancellationToken cancellationToken);

    /// <summary>Gives no new leases for a job; running tasks go on.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The job; or <c>job-unknown</c>, <c>job-state</c>.</returns>
    ValueTask<Reply<JobSummary>> PauseAsync(JobId job, CancellationToken cancellationToken);

    /// <summary>Gives leases again.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The job; or <c>job-unknown</c>, <c>job-state</c>.</returns>
    ValueTask<Reply<JobSummary>> ResumeAsync(JobId job, CancellationToken cancellationToken);

    /// <summary>Does tasks again that ended badly, as a new run.</summary>
    /// <param name="job">The job.</param>
    /// <param name="index">One dead-lettered or cancelled task; null means all dead-lettered ones.</param>
    /// <param name="request">An id of this request, 1 to 128 of <c>[A-Za-z0-9._-]</c>. Sent again with the same one,
    /// as long as it is among the last <see cref="JobDecider.RedrivesKnownMax"/> of the job, it changes nothing: also
    /// where tasks were dead-lettered in between. Null means that every time counts.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The job; or <c>job-unknown</c>, <c>job-state</c>, <c>task-unknown</c>, <c>task-state</c>,
    /// <c>idempotency-mismatch</c>, <c>invalid</c>.</returns>
    ValueTask<Reply<JobSummary>> RedriveAsync(
        JobId job, int? index, string? request, CancellationToken cancellationToken);

    /// <summary>Erases what tasks of an ended job were given and what they gave. Their histories stay, and still
    /// verify; such a task cannot be redriven. When this answers, nothing shows them any more. The files of a
    /// database lose them a little later (docs/guides/operating.md), backups never.</summary>
    /// <param name="job">The job.</param>
    /// <param name="index">One task; null means all.</param>
    /// <param name="cancellationToken">Stops waiting; ask again to erase the rest.</param>
    /// <returns>The job; or <c>job-unknown</c>, <c>job-state</c> when it has not ended or was trimmed,
    /// <c>task-unknown</c>.</returns>
    ValueTask<Reply<JobSummary>> ErasePayloadsAsync(JobId job, int? index, CancellationToken cancellationToken);

    /// <summary>Removes the events of an ended job and of its tasks; a tombstone stays, so that submitting it again is
    /// still harmless.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The job; or <c>job-unknown</c>, <c>job-state</c> when it has not ended.</returns>
    ValueTask<Reply<JobSummary>> TrimAsync(JobId job, CancellationToken cancellationToken);
}

/// <summary>A whole job.</summary>
/// <param name="Id">Its id; choose it to make submitting again harmless.</param>
/// <param name="Header">Name, policy and labels.</param>
/// <param name="Tasks">Its tasks, dependencies by index.</param>
public sealed record JobSubmission(JobId Id, JobHeader Header, IReadOnlyList<TaskSpec> Tasks);

/// <summary>What a submit is answered.</summary>
/// <param name="Job">The job as it stands.</param>
/// <param name="IsNew">False when the same job had been submitted before.</param>
public sealed record SubmitReceipt(JobSummary Job, bool IsNew);

/// <summary>How far a submit in chunks is.</summary>
/// <param name="TasksAdded">How many tasks have arrived: where the next chunk begins.</param>
/// <param name="IsSealed">The job is accepted already.</param>
public sealed record SubmitProgress(int TasksAdded, bool IsSealed);
