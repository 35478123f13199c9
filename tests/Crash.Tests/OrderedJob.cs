using System.Globalization;
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

    /// <summary>Holds what the log says at the end against what was ordered and answered.</summary>
    /// <param name="job">The job in the log.</param>
    /// <param name="tasks">All tasks of the log, by the names of their streams.</param>
    public void Check(JobLife? job, IReadOnlyDictionary<string, TaskLife> tasks)
    {
        Assert.True(job is not null, $"{order.Id} was accepted, and is not in the log.");
        string end = order.Deed switch
        {
            Deed.Cancel when IsDone && tasks.Values.Any(t => IsMine(t) && t.Outcomes[1].Outcome == Cancelled) =>
                "cancelled",
            Deed.LetFail => "failed",
            _ => "succeeded",
        };
        Expect(end == job!.State, $"it is {job.State}, and should be {end}");
        Expect(order.Deed != Deed.Redrive || IsDone, "its redrive was refused");
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
                order.Deed != deed ? found == 0 : IsDone ? found == 1 : found <= 1,
                $"it has {found} {type}; {order.Deed} was {(IsDone ? "accepted" : "refused")}");
        }

        for (int i = 0; i < JobOrder.TaskCount; i++)
        {
            TaskLife? task = tasks.GetValueOrDefault(StreamOf(i));
            Expect(task is not null, $"task {i} is not in the log");
            Check(i, task!, end);
        }
    }

    private void Check(int index, TaskLife task, string end)
    {
        bool isSkipped = order.IsSkipped(index);
        bool isFailing = order.Failing.Contains(index) && !isSkipped;
        int[] outcomes = [.. task.Outcomes.OrderBy(o => o.Key).Select(o => o.Value.Outcome)];
        int first = isSkipped ? Skipped : isFailing ? DeadLettered : Succeeded;
        if (end == "cancelled")
        {
            Expect(outcomes is [Succeeded] or [Cancelled], $"{index} has the outcomes {Text(outcomes)}");
        }
        else
        {
            int[] due = order.Deed == Deed.Redrive && first != Succeeded ? [first, Succeeded] : [first];
            Expect(due.SequenceEqual(outcomes), $"{index} has the outcomes {Text(outcomes)}, should have {Text(due)}");
        }

        Expect(task.Successes.Count == outcomes.Count(o => o == Succeeded), $"{index} succeeded more than once");
        int failures = task.Types.GetValueOrDefault("task-failed-1");
        int failuresDue = isFailing ? JobOrder.AttemptsMax : 0;
        Expect(failures == failuresDue, $"{index} failed {failures} times, and should {failuresDue} times");
    }

    private bool IsMine(TaskLife task) => task.Name.StartsWith($"task/{order.Id}/", StringComparison.Ordinal);

    private string StreamOf(int index) => string.Create(CultureInfo.InvariantCulture, $"task/{order.Id}/{index:D8}");

    private static string Text(int[] outcomes) => string.Join(' ', outcomes);

    private void Expect(bool holds, string offence) => Assert.True(holds, $"{order.Id} ({order.Deed}): {offence}.");
}
