using System.Collections.Immutable;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;

namespace Elasticity.Client.Http;

/// <content>Submitting and steering jobs.</content>
public sealed partial class HttpElasticity
{
    /// <inheritdoc/>
    /// <remarks>A small job goes in one call, a large one in chunks, one after the other.</remarks>
    public async ValueTask<Reply<SubmitReceipt>> SubmitAsync(
        JobSubmission submission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        if (!IsForOneCall(submission.Tasks))
        {
            return await SubmitInChunksAsync(submission, cancellationToken).ConfigureAwait(false);
        }

        Answered<JobDocument> answered = await SendAsync(
            HttpMethod.Post,
            Routes.Jobs,
            JobMapping.ToMessage(submission),
            ContractsJson.Default.SubmitJob,
            ContractsJson.Tolerant.JobDocument,
            cancellationToken).ConfigureAwait(false);
        return Reply(answered, d => new SubmitReceipt(JobMapping.ToSummary(d), answered.Status == Created));
    }

    /// <inheritdoc/>
    public async ValueTask<Reply<SubmitProgress>> OpenAsync(
        JobId job, JobHeader header, string digest, int taskCount, CancellationToken cancellationToken) =>
        Reply(
            await SendAsync(
                HttpMethod.Post,
                Paths.Job(Routes.JobOpen, job),
                JobMapping.ToMessage(header, digest, taskCount),
                ContractsJson.Default.OpenJob,
                ContractsJson.Tolerant.SubmitProgressDocument,
                cancellationToken).ConfigureAwait(false),
            JobMapping.ToProgress);

    /// <inheritdoc/>
    public async ValueTask<Reply<SubmitProgress>> AddTasksAsync(
        JobId job, int first, ImmutableArray<TaskSpec> tasks, CancellationToken cancellationToken) =>
        Reply(
            await SendAsync(
                HttpMethod.Post,
                Paths.Job(Routes.Tasks, job).With(("first", Paths.Text(first))),
                new AddTasks { Tasks = JobMapping.ToInputs(tasks) },
                ContractsJson.Default.AddTasks,
                ContractsJson.Tolerant.SubmitProgressDocument,
                cancellationToken).ConfigureAwait(false),
            JobMapping.ToProgress);

    /// <inheritdoc/>
    public ValueTask<Reply<JobSummary>> SealAsync(JobId job, CancellationToken cancellationToken) =>
        SteerAsync(job, Paths.Job(Routes.JobSeal, job), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Reply<JobSummary>> CancelAsync(JobId job, CancellationToken cancellationToken) =>
        SteerAsync(job, Paths.Job(Routes.JobCancel, job), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Reply<JobSummary>> PauseAsync(JobId job, CancellationToken cancellationToken) =>
        SteerAsync(job, Paths.Job(Routes.JobPause, job), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Reply<JobSummary>> ResumeAsync(JobId job, CancellationToken cancellationToken) =>
        SteerAsync(job, Paths.Job(Routes.JobResume, job), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Reply<JobSummary>> RedriveAsync(
        JobId job, int? index, string? request, CancellationToken cancellationToken) =>
        request is not null && !Identifier.IsValid(request)
        ? new(new Rejection(
            RejectionCode.Invalid,
            $"The id of a request is 1 to {Identifier.LengthMax} of [A-Za-z0-9._-], not '{request}'."))
        : SteerAsync(
            job,
            index is { } one
                ? Paths.Task(Routes.TaskRedrive, new TaskId(job, one))
                : Paths.Job(Routes.JobRedrive, job),
            cancellationToken,
            request ?? Guid.NewGuid().ToString("N")); // Also then its own repetitions are one request.

    /// <inheritdoc/>
    public ValueTask<Reply<JobSummary>> ErasePayloadsAsync(
        JobId job, int? index, CancellationToken cancellationToken) =>
        SteerAsync(
            job,
            index is { } one
                ? Paths.Task(Routes.TaskErase, new TaskId(job, one))
                : Paths.Job(Routes.JobErase, job),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Reply<JobSummary>> TrimAsync(JobId job, CancellationToken cancellationToken) =>
        SteerAsync(job, Paths.Job(Routes.JobTrim, job), cancellationToken);

    private const int Created = 201;

    private async ValueTask<Reply<JobSummary>> SteerAsync(
        JobId job, string path, CancellationToken cancellationToken, string? key = null) =>
        WhyNoJob(job) is { } rejection
        ? rejection
        : Reply(
            await SendAsync(HttpMethod.Post, path, ContractsJson.Tolerant.JobDocument, cancellationToken, key)
                .ConfigureAwait(false),
            JobMapping.ToSummary);

    /// <summary>Whether the tasks fit one call. One call also takes names for what people depend on, and so refuses two
    /// tasks of one name, which the engine does not mind.</summary>
    private bool IsForOneCall(IReadOnlyList<TaskSpec> tasks)
    {
        if (tasks.Count > _options.Limits.TasksPerChunkMax)
        {
            return false;
        }

        HashSet<string> names = new(StringComparer.Ordinal);
        long bytes = 0;
        foreach (TaskSpec task in tasks)
        {
            bytes += task.Payload.Length;
            if (bytes > _options.SubmitBytesMax || (task.Name is { } name && !names.Add(name)))
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask<Reply<SubmitReceipt>> SubmitInChunksAsync(
        JobSubmission submission, CancellationToken cancellationToken)
    {
        IReadOnlyList<TaskSpec> tasks = submission.Tasks;
        if (JobDraft.ProblemOf(tasks, _options.Limits) is
            { Code: RejectionCode.DependencyUnknown or RejectionCode.DependencyCycle } problem)
        {
            return problem; // Found at the seal, it would leave the id to a job that can never be accepted.
        }

        Reply<SubmitProgress> opened = await OpenAsync(
            submission.Id,
            submission.Header,
            JobDigest.Of(submission.Header.Policy, tasks),
            tasks.Count,
            cancellationToken).ConfigureAwait(false);
        if (!opened.IsAccepted)
        {
            return opened.Rejection;
        }

        if (opened.Value.IsSealed)
        {
            Reply<JobSummary> known = await GetJobAsync(submission.Id, null, cancellationToken).ConfigureAwait(false);
            return known.IsAccepted ? new SubmitReceipt(known.Value, IsNew: false) : known.Rejection;
        }

        int added = opened.Value.TasksAdded;
        foreach (ImmutableArray<TaskSpec> chunk in TaskChunks.Cut(tasks, _options.Limits, added))
        {
            Reply<SubmitProgress> progress =
                await AddTasksAsync(submission.Id, added, chunk, cancellationToken).ConfigureAwait(false);
            if (!progress.IsAccepted)
            {
                return progress.Rejection;
            }

            added += chunk.Length;
        }

        Reply<JobSummary> accepted = await SealAsync(submission.Id, cancellationToken).ConfigureAwait(false);
        return accepted.IsAccepted ? new SubmitReceipt(accepted.Value, IsNew: true) : accepted.Rejection;
    }
}
