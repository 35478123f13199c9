using System.Globalization;
using Elasticity.Engine;
using Elasticity.Engine.Contract;
using Xunit;

namespace Elasticity.Crash.Tests;

/// <summary>A job that was accepted, and what its clients were answered about it.</summary>
internal sealed class OrderedJob(JobOrder order)
{
    private const int Succeeded = 1;
    private const int DeadLettered = 2;
    private const int Cancelled = 3;
    private const int Skipped = 4;

    public JobOrder Order => order;

    /// <summary>Whether what the client did after the acceptance was accepted; it may have come too late.</summary>
    public bool IsDone { get; set; }

    /// <summary>What the cancel was answered; null when it was refused, or there was none.</summary>
    public JobSummary? Answer { get; set; }

    /// <summary>What the client was told last about the job.</summary>
    public JobSummary? Told { get; set; }

    /// <summary>Holds what the log says at the end against what was ordered and answered.</summary>
    /// <param name="job">The job in the log.</param>
    /// <param name="tasks">All tasks of the log, by the names of their streams.</param>
    public void Check(JobLife? job, IReadOnlyDictionary<string, TaskLife> tasks)
    {
        Assert.True(job is not null, $"{order.Id} was accepted, and is not in the log.");
        string end = EndDue();
        Expect(end == job!.State, $"it is {job.State}, and should be {end}");
        Expect(end == Told!.State, $"a client was told that it is {Told.State}, and it should be {end}");
        Expect(order.Deed is not (Deed.Redrive or Deed.CancelHeld) || IsDone, "what it waited for was refused");
        Deed done = order.Deed == Deed.CancelHeld ? Deed.Cancel : order.Deed;
        foreach ((Deed deed, string type) in ((Deed, string)[])
            [
                (Deed.Cancel, "job-cancel-requested-1"),
                (Deed.Pause, "job-paused-1"),
                (Deed.Redrive, "job-redriven-1"),
            ])
        {
            // What was refused may have been done before: the answer was lost, and the job ended until it was repeated.
            int found = job.Types.GetValueOrDefault(type);
            Expect(
                done != deed ? found == 0 : IsDone ? found == 1 : found <= 1,
                $"it has {found} {type}; {order.Deed} was {(IsDone ? "accepted" : "refused")}");
        }

        for (int i = 0; i < JobOrder.TaskCount; i++)
        {
            TaskLife? task = tasks.GetValueOrDefault(StreamOf(i));
            Expect(task is not null, $"task {i} is not in the log");
            Check(i, task!, end);
        }

        CheckCounts(tasks);
    }

    /// <summary>How it must have ended, by what was ordered and answered alone.</summary>
    private string EndDue()
    {
        switch (order.Deed)
        {
            case Deed.LetFail:
                return "failed";
            case Deed.CancelHeld:
                return "cancelled";
            case Deed.Cancel when IsDone:
                // What waits for another task when the cancel is answered will not begin any more. All others may be
                // with an agent and succeed, all of them or not: then it is as a client was told in the end.
                return Answer!.Counts is { Blocked: > 0 } or { Cancelled: > 0 } || Told!.State == "cancelled"
                    ? "cancelled"
                    : "succeeded";
            default:
                return "succeeded";
        }
    }

    /// <summary>Holds what a client was told last against the tasks in the log.</summary>
    private void CheckCounts(IReadOnlyDictionary<string, TaskLife> tasks)
    {
        foreach ((int outcome, int told) in ((int, int)[])
            [
                (Succeeded, Told!.Counts.Succeeded),
                (DeadLettered, Told.Counts.DeadLettered),
                (Cancelled, Told.Counts.Cancelled),
                (Skipped, Told.Counts.Skipped),
            ])
        {
            int found = tasks.Values.Count(t => t.Outcomes[t.Outcomes.Keys.Max()].Outcome == outcome);
            Expect(found == told, $"{found} tasks have the outcome {outcome}, and a client was told {told}");
        }

        bool isCancelled = Told!.State == "cancelled";
        Expect(isCancelled == (Told.Counts.Cancelled > 0), $"{Told.State}, with {Told.Counts.Cancelled} cancelled");
    }

    private void Check(int index, TaskLife task, string end)
    {
        bool isSkipped = order.IsSkipped(index);
        bool isFailing = order.Failing.Contains(index) && !isSkipped;
        int[] outcomes = [.. task.Outcomes.OrderBy(o => o.Key).Select(o => o.Value.Outcome)];
        int first = isSkipped ? Skipped : isFailing ? DeadLettered : Succeeded;
        if (end == "cancelled")
        {
            bool mayEnd = !order.IsHeld(index);
            bool isDue = outcomes is [Cancelled] || (mayEnd && outcomes is [Succeeded]);
            Expect(isDue, $"{index} has the outcomes {Text(outcomes)}");
        }
        else
        {
            int[] due = order.Deed == Deed.Redrive && first != Succeeded ? [first, Succeeded] : [first];
            Expect(due.SequenceEqual(outcomes), $"{index} has the outcomes {Text(outcomes)}, should have {Text(due)}");
        }

        Expect(task.Successes.Count == outcomes.Count(o => o == Succeeded), $"{index} succeeded more than once");
        int failures = task.Types.GetValueOrDefault("task-failed-1");
        int failuresDue = isFailing ? JobOrder.AttemptsMax : 0;
        bool wasAsked = outcomes is [Cancelled] && failures <= 1; // A handler that stops when it is asked to fails.
        Expect(failures == failuresDue || wasAsked, $"{index} failed {failures} times, and should {failuresDue} times");
    }

    private string StreamOf(int index) => string.Create(CultureInfo.InvariantCulture, $"task/{order.Id}/{index:D8}");

    private static string Text(int[] outcomes) => string.Join(' ', outcomes);

    private void Expect(bool holds, string offence) => Assert.True(holds, $"{order.Id} ({order.Deed}): {offence}.");
}
