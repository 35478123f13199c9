using static Elasticity.Domain.RejectionCode;
using JobDecision = Elasticity.Domain.Decision<Elasticity.Domain.Jobs.JobEvent>;

namespace Elasticity.Domain.Jobs;

public static partial class JobDecider
{
    private static KnownRedrive? Known(JobState state, string request)
    {
        foreach (KnownRedrive known in state.Redrives)
        {
            if (known.Request == request)
            {
                return known;
            }
        }

        return null;
    }

    private static JobDecision Redrive(JobId id, JobState state, JobCommand.Redrive c)
    {
        if (c.Request is { } request && !Identifier.IsValid(request))
        {
            return JobDecision.Reject(
                Invalid,
                $"The id of a request is 1 to {Identifier.LengthMax} of [A-Za-z0-9._-], "
                    + $"not '{Identifier.Shorten(request)}'.");
        }

        if (c.Index is { } one && (one < 0 || one >= state.TaskCount))
        {
            return JobDecision.Reject(TaskUnknown, $"Job {id} has tasks 0 to {state.TaskCount - 1}, not {one}.");
        }

        int[] asked = c.Index is { } index
            ? (state.Status[index] is JobTaskStatus.DeadLettered or JobTaskStatus.Cancelled ? [index] : [])
            : [.. Enumerable.Range(0, state.TaskCount).Where(
                i => state.Status[i] == JobTaskStatus.DeadLettered && !state.IsErased(i))];
        if (c.Index is { } gone && state.IsErased(gone))
        {
            return JobDecision.Reject(
                TaskState, $"The payloads of task {gone} of job {id} were erased: it cannot be done again.");
        }

        if (asked.Length == 0)
        {
            return JobDecision.Reject(TaskState, c.Index is { } i
                ? $"Task {i} of job {id} is {Word(state.Status[i])}: "
                    + "only dead-lettered and cancelled tasks can be redriven."
                : $"Job {id} has no dead-lettered task with its payloads.");
        }

        int[] restored = RestoredBy(state, asked);
        JobEvent redriven = new JobEvent.Redriven(
            c.Now, Ranges(asked), Ranges(restored), c.Request, c.Request is null ? null : c.Index);
        JobState next = Evolve(state, redriven);
        Message.SetPaused paused = new(id, next.IsPaused); // The queue may remember a pause from before the job ended.
        return JobDecision.Accept(redriven).Tell([paused, .. Told(id, next, [.. asked, .. restored])]);
    }

    /// <summary>The skipped tasks that can be done once the given ones are: every dependency succeeded, runs, or is
    /// restored too. One that was asked to skip counts as skipped: its answer, if any, is of the run before.</summary>
    private static int[] RestoredBy(JobState state, int[] asked)
    {
        if (state.Graph is not { } graph)
        {
            return [];
        }

        HashSet<int> alive = [.. asked];
        List<int> restored = [];
        Queue<int> next = new(asked);
        while (next.TryDequeue(out int cause))
        {
            foreach (int dependent in graph.DependentsOf(cause))
            {
                if (state.Status[dependent] is JobTaskStatus.Skipped or JobTaskStatus.SkipAsked
                    && !alive.Contains(dependent) && CanRun(dependent))
                {
                    alive.Add(dependent);
                    restored.Add(dependent);
                    next.Enqueue(dependent);
                }
            }
        }

        return [.. restored.Order()];

        bool CanRun(int task)
        {
            if (state.IsErased(task))
            {
                return false;
            }

            foreach (int dependency in graph.DependenciesOf(task))
            {
                if (IsEndedBadly(state.Status[dependency]) && !alive.Contains(dependency))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
