using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;

namespace Elasticity.Engine;

/// <summary>Cuts a whole job into chunks, so that no batch and no message grows with the job.</summary>
/// <param name="limits">The limits in force.</param>
/// <param name="ask">Gives commands to a job, in order; no command asks only where it stands. The first that is refused
/// ends the list.</param>
/// <param name="chunksUnderWay">How many chunks are under way at once; more than 1 only where commands arrive in the
/// order in which they were given. Enough to keep the store busy, few enough to leave room for others.</param>
public sealed class JobSubmitter(
    Limits limits,
    Func<JobId, ImmutableArray<JobCommand>, CancellationToken, Task<JobAnswer>> ask,
    int chunksUnderWay)
{
    /// <inheritdoc cref="IJobs.SubmitAsync"/>
    public async ValueTask<Reply<SubmitReceipt>> SubmitAsync(
        JobSubmission submission, CancellationToken cancellationToken)
    {
        if (JobDraft.ProblemOf(submission.Tasks, limits) is { } problem
            && (await ask(submission.Id, [], cancellationToken).ConfigureAwait(false)).Job is null)
        {
            return problem; // A job accepted under other limits is still the same job.
        }

        string digest = JobDigest.Of(submission.Header.Policy, submission.Tasks);
        JobCommand open = new JobCommand.Open(default, submission.Header, digest, submission.Tasks.Count);
        ImmutableArray<ImmutableArray<TaskSpec>> begin = [.. TaskChunks.Cut(submission.Tasks, limits).Take(2)];
        JobAnswer opened;
        if (begin.Length <= 1)
        {
            ImmutableArray<JobCommand> all = begin.Length == 0
                ? [open, new JobCommand.Seal(default)]
                : [open, new JobCommand.AddTasks(default, 0, begin[0]), new JobCommand.Seal(default)];
            opened = await ask(submission.Id, all, cancellationToken).ConfigureAwait(false);
            if (opened.Rejection is not { Code: RejectionCode.JobIncomplete })
            {
                return Receipt(opened);
            }
        }

        // In several steps; or a part came before, in other chunks.
        opened = await ask(submission.Id, [open], cancellationToken).ConfigureAwait(false);
        if (opened.Rejection is not null || opened.Progress.IsSealed)
        {
            return Receipt(opened);
        }

        if (await AddAllAsync(submission, opened.Progress.TasksAdded, cancellationToken)
            .ConfigureAwait(false) is { } rejection)
        {
            return rejection;
        }

        JobAnswer accepted = await ask(submission.Id, [new JobCommand.Seal(default)], cancellationToken)
            .ConfigureAwait(false);
        return Receipt(accepted);
    }

    private static Reply<SubmitReceipt> Receipt(JobAnswer answer) => answer.Rejection is { } rejection
        ? rejection
        : new SubmitReceipt(answer.Job!, !answer.WasKnown);

    private async Task<Rejection?> AddAllAsync(
        JobSubmission submission, int alreadyAdded, CancellationToken cancellationToken)
    {
        Queue<Task<JobAnswer>> underWay = new();
        int first = 0;
        foreach (ImmutableArray<TaskSpec> chunk in TaskChunks.Cut(submission.Tasks, limits))
        {
            if (first + chunk.Length > alreadyAdded)
            {
                int begin = Math.Max(first, alreadyAdded);
                underWay.Enqueue(ask(
                    submission.Id,
                    [new JobCommand.AddTasks(default, begin, chunk[(begin - first)..])],
                    cancellationToken));
            }

            first += chunk.Length;
            if (underWay.Count >= chunksUnderWay
                && (await underWay.Dequeue().ConfigureAwait(false)).Rejection is { } rejection)
            {
                return rejection;
            }
        }

        while (underWay.TryDequeue(out Task<JobAnswer>? last))
        {
            if ((await last.ConfigureAwait(false)).Rejection is { } rejection)
            {
                return rejection;
            }
        }

        return null;
    }
}
