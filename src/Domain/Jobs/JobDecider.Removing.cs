using static Elasticity.Domain.RejectionCode;
using JobDecision = Elasticity.Domain.Decision<Elasticity.Domain.Jobs.JobEvent>;

namespace Elasticity.Domain.Jobs;

public static partial class JobDecider
{
    private static JobDecision Trim(JobState state, JobCommand.Trim c) => state.IsTrimmed
        ? JobDecision.NoChange
        : JobDecision.Accept(new JobEvent.Trimmed(
            c.Now,
            state.Header,
            state.Digest,
            state.TaskCount,
            state.Counts,
            OutcomeOf(state.Phase),
            state.CreatedAt,
            state.SealedAt,
            state.EndedAt!.Value,
            c.Head));

    private static JobDecision ErasePayloads(JobId id, JobState state, JobCommand.ErasePayloads c)
    {
        if (c.Index is { } index && (index < 0 || index >= state.TasksAdded))
        {
            return JobDecision.Reject(TaskUnknown, $"Job {id} has tasks 0 to {state.TasksAdded - 1}, not {index}.");
        }

        bool isDone = c.Index is { } one
            ? state.IsErased(one)
            : Enumerable.Range(0, state.TasksAdded).All(state.IsErased);
        return isDone ? JobDecision.NoChange : JobDecision.Accept(new JobEvent.PayloadsErased(c.Now, c.Index));
    }
}
