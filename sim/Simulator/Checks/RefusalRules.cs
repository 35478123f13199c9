using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine.Embedded.Core;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>Whoever is refused something about a job finds the reason in the log, as the documentation states it. Where
/// something happened to the job since it was asked, what stood there before may have been the reason.</summary>
internal static class RefusalRules
{
    private const string Rule = "refused-with-reason";

    /// <summary>Checks a refusal.</summary>
    /// <param name="watch">What is known.</param>
    /// <param name="input">What was asked.</param>
    /// <param name="code">As what it is refused.</param>
    /// <param name="askedIn">How many batches were stored when it was asked.</param>
    public static void Check(Watch watch, CoreInput.ForJob input, string code, long askedIn)
    {
        string id = input.Job.Value;
        ModelJob? job = watch.Log.Jobs.GetValueOrDefault(id);
        JobCommand first = input.Commands[0];
        bool hasReason = code switch
        {
            RejectionCode.JobUnknown => job is null || job.OpenedIn > askedIn,
            RejectionCode.JobExists => first is JobCommand.Open open && job is not null && job.Digest != open.Digest,
            RejectionCode.JobIncomplete => job is not null && (!job.IsSealed || job.SealedIn > askedIn)
                && input.Commands.Any(c => c is JobCommand.AddTasks or JobCommand.Seal),
            RejectionCode.LimitExceeded =>
                first is JobCommand.Open && (job is null || job.OpenedIn > askedIn) && IsFull(watch, askedIn),
            RejectionCode.JobState => job is not null && (job.ChangedIn > askedIn || IsForbidden(watch, job, first)),
            RejectionCode.TaskUnknown => Ledger.IndexOf(first) >= (job?.Tasks.Count ?? 0),
            RejectionCode.TaskState => first is JobCommand.Redrive redrive && job is not null
                && (job.ChangedIn > askedIn || !CanRedrive(job, redrive.Index))
                && !(redrive.Request is { } request && watch.Redriven.Contains((id, request))),
            RejectionCode.IdempotencyMismatch => first is JobCommand.Redrive { Request: { } known } other
                && job?.Redrives.Exists(r => r.Request == known && r.Index != other.Index) == true,
            _ => first is JobCommand.Open or JobCommand.AddTasks or JobCommand.Seal && watch.Ledger.IsWrong(id, code),
        };
        Require(
            hasReason, Rule, id,
            $"{string.Join('+', input.Commands.Select(c => c.GetType().Name))}: {code}, and it is {job?.Phase}, "
            + $"batch {job?.ChangedIn}, asked in {askedIn}");
    }

    private static bool IsForbidden(Watch watch, ModelJob job, JobCommand command) => command switch
    {
        JobCommand.Open => job is { IsEnded: true, IsSealed: false }, // What is added next finds that.
        JobCommand.AddTasks => job.Phase != "opening",
        JobCommand.Seal => job is { IsEnded: true, IsSealed: false },
        JobCommand.Cancel => job.Phase is "succeeded" or "failed" || job.IsTrimmed,
        JobCommand.Pause or JobCommand.Resume => job.Phase != "open",
        JobCommand.Redrive => !job.IsSealed || job.IsStopping || MayBeTrimmed(watch, job),
        JobCommand.ErasePayloads => !job.IsEnded || MayBeTrimmed(watch, job),
        _ => false,
    };

    /// <summary>Whether it is trimmed, or may be about to be: nothing is written of it then.</summary>
    private static bool MayBeTrimmed(Watch watch, ModelJob job) =>
        job.IsTrimmed || (job.IsEnded && watch.Ledger.WasAsked(job.Id, nameof(CoreInput.Reserve)));

    private static bool CanRedrive(ModelJob job, int? index) => index is { } i
        ? i < job.Tasks.Count && job.Tasks[i] is { Recorded: 2 or 3, IsErased: false }
        : job.Tasks.Exists(t => t is { Status: "deadLettered", IsErased: false });

    /// <summary>Whether there were as many unended jobs as there may be, at some time since then.</summary>
    private static bool IsFull(Watch watch, long askedIn) =>
        watch.Log.Jobs.Values.Count(j => !j.IsEnded || j.EndedIn > askedIn) >= watch.OpenJobsMax;
}
