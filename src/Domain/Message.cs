using Elasticity.Domain.Tasks;

namespace Elasticity.Domain;

/// <summary>
/// What one aggregate tells another. Any message may be lost, sent twice, late or out of order: whoever receives it
/// carries the run or the token against which it is checked, and <c>Outstanding</c> of the sender repeats it until an
/// event of the sender ends it.
/// </summary>
public abstract record Message
{
    private Message() { }

    /// <summary>Job or task to queue: these tasks wait to be leased.</summary>
    /// <param name="Job">The job.</param>
    /// <param name="First">The first task.</param>
    /// <param name="Count">How many tasks, one after the other; at least 1.</param>
    /// <param name="Run">Their run; at least 1.</param>
    /// <param name="Token">That of the last lease, which is over, when a task offers itself; 0 when its job
    /// does.</param>
    /// <param name="Version">That of the job, when it offered them; 0 when a task offers itself.</param>
    /// <param name="Kind">The capability they need.</param>
    /// <param name="Priority">Greater goes first.</param>
    /// <param name="NotBefore">Not to be leased before this instant, UTC; null means at once.</param>
    public sealed record Offer(
        JobId Job,
        int First,
        int Count,
        int Run,
        long Token,
        long Version,
        string Kind,
        int Priority,
        DateTimeOffset? NotBefore) : Message
    {
        /// <summary>The offer without some of its tasks: those that are leased or back off offer themselves.</summary>
        /// <param name="sorted">The indexes to leave out, rising, all of them tasks of the offer.</param>
        /// <returns>What is left, in order; may be nothing.</returns>
        public IEnumerable<Offer> Without(IEnumerable<int> sorted)
        {
            int first = First;
            foreach (int index in sorted)
            {
                if (index > first)
                {
                    yield return this with { First = first, Count = index - first };
                }

                first = index + 1;
            }

            if (First + Count > first)
            {
                yield return this with { First = first, Count = First + Count - first };
            }
        }
    }

    /// <summary>Job to queue: stop or go on handing out tasks of this job.</summary>
    /// <param name="Job">The job.</param>
    /// <param name="IsPaused">True stops, false goes on.</param>
    public sealed record SetPaused(JobId Job, bool IsPaused) : Message;

    /// <summary>Job to queue: the job stops; hand out nothing that it has offered so far.</summary>
    /// <param name="Job">The job.</param>
    /// <param name="Version">That of the job, when it said so.</param>
    public sealed record Withdraw(JobId Job, long Version) : Message;

    /// <summary>Job to tasks: end these as cancelled, or ask whoever executes them to stop.</summary>
    /// <param name="Job">The job.</param>
    /// <param name="First">The first task.</param>
    /// <param name="Count">How many, one after the other; at least 1.</param>
    /// <param name="Run">Their run.</param>
    public sealed record Cancel(JobId Job, int First, int Count, int Run) : Message;

    /// <summary>Job to tasks: they cannot be done, because a task that they depend on did not succeed.</summary>
    /// <param name="Job">The job.</param>
    /// <param name="First">The first task to skip.</param>
    /// <param name="Count">How many, one after the other; at least 1.</param>
    /// <param name="Run">Their run.</param>
    /// <param name="Cause">The index of the dependency.</param>
    public sealed record Skip(JobId Job, int First, int Count, int Run, int Cause) : Message;

    /// <summary>Task to job: this run has ended. The shell adds the head of the task's stream.</summary>
    /// <param name="Task">The task.</param>
    /// <param name="Run">The run that ended.</param>
    /// <param name="Outcome">How.</param>
    public sealed record TaskEnded(TaskId Task, int Run, TaskOutcome Outcome) : Message;

    /// <summary>Task to agent: mind this lease; it is ended if the session is over or falls silent.</summary>
    /// <param name="Task">The task.</param>
    /// <param name="Lease">The lease.</param>
    /// <param name="Length">How long it lasts without a heartbeat.</param>
    /// <param name="IsCancelRequested">The agent is to be asked to stop.</param>
    public sealed record WatchLease(TaskId Task, Lease Lease, TimeSpan Length, bool IsCancelRequested) : Message;

    /// <summary>Task to agent: the lease is over, stop minding it.</summary>
    /// <param name="Task">The task.</param>
    /// <param name="Token">The lease's token.</param>
    public sealed record ForgetLease(TaskId Task, long Token) : Message;

    /// <summary>Agent to lease book: this session is over; take its leases back as lost.</summary>
    /// <param name="Holder">The session and its agent.</param>
    /// <param name="Reason">Why, a stable word: <c>agent-superseded</c>, <c>closed</c>, <c>silent</c>,
    /// <c>process-dead</c>.</param>
    public sealed record SessionEnded(Holder Holder, string Reason) : Message;
}
