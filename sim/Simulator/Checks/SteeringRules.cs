using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>Who is told that a job was cancelled, paused, resumed, redriven or erased finds that so in the log, and who
/// is told that it cannot be finds a reason there. Others may have steered it since it was asked.</summary>
internal static class SteeringRules
{
    private const string Rule = "steering-is-kept";

    /// <summary>Checks an answer.</summary>
    /// <param name="job">What is stored of the job; null for nothing.</param>
    /// <param name="input">What was asked.</param>
    /// <param name="answer">What is told.</param>
    /// <param name="askedIn">How many batches were stored when it was asked.</param>
    public static void Check(ModelJob? job, CoreInput.ForJob input, JobAnswer answer, long askedIn)
    {
        if (job is null or { IsTrimmed: true } || input.Commands is not [var command])
        {
            return;
        }

        if (answer.Rejection is null)
        {
            Require(IsDone(job, command, askedIn), Rule, job.Id, $"{command.GetType().Name}: told done");
        }
        else if (answer.Rejection.Code == RejectionCode.JobState && command is JobCommand.Cancel)
        {
            // What is open now, and was not opened again since, was open all the time.
            Require(
                job.IsEnded || job.RedrivenIn >= askedIn, Rule, job.Id, $"Cancel: refused, and it is {job.Phase}");
        }
    }

    private static bool IsDone(ModelJob job, JobCommand command, long askedIn) => command switch
    {
        // One that failed, was redriven, and has tasks left that were cancelled ends so by itself.
        JobCommand.Cancel => job.Phase == "cancelled"
            || (job.CancelledIn > 0 && (job.RedrivenIn <= job.CancelledIn || job.RedrivenIn >= askedIn)),
        JobCommand.Pause => job is { Phase: "open", IsPaused: true } || job.ChangedIn > askedIn,
        JobCommand.Resume => job is { Phase: "open", IsPaused: false } || job.ChangedIn > askedIn,
        JobCommand.Redrive { Request: null } => job.RedrivenIn >= askedIn,
        JobCommand.Redrive c => job.Redrives.Contains((c.Request, c.Index)),
        JobCommand.ErasePayloads { Index: { } index } => job.Tasks[index].IsErased,
        JobCommand.ErasePayloads => job.Tasks.TrueForAll(t => t.IsErased),
        _ => true,
    };
}
