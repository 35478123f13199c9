using System.Collections.Immutable;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using Elasticity.Domain.Tests.World;
using FsCheck.Fluent;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>What a job waits for, in ranges and pages, against the same task by task.</summary>
public class OutstandingProperties
{
    [Fact]
    public void Every_task_is_in_the_message_that_its_status_asks_for_and_in_no_other() => Always.Holds(
        Gen.Choose(0, int.MaxValue),
        seed =>
        {
            (Plan plan, GivenJob job) = DrawnJob.Draw(new Random(seed));

            Assert.Equal(
                Expected(plan, job.State).Order(StringComparer.Ordinal),
                job.Outstanding().SelectMany(OneByOne).Order(StringComparer.Ordinal));
        },
        times: 300);

    [Fact]
    public void What_is_told_at_once_is_what_became_outstanding() => Always.Holds(
        Gen.Choose(0, int.MaxValue),
        seed =>
        {
            Random random = new(seed);
            (Plan plan, GivenJob job) = DrawnJob.Draw(random);
            Decision<JobEvent> decision = job.When(DrawnJob.DrawCommand(random, job.State)).Decision;
            JobState after = job.And([.. decision.Events]).State;
            if (decision.Sweep || after.IsStopping || !after.IsOpen)
            {
                return; // Then everything is told again, or nothing.
            }

            // Who has been asked to skip is not asked again when one of several causes is redriven.
            string[] before = [.. Expected(plan, job.State).Select(WithoutCause)];
            Assert.Equal(
                Expected(plan, after).Select(WithoutCause).Except(before).Order(StringComparer.Ordinal),
                decision.Messages.SelectMany(OneByOne).Select(WithoutCause).Except(before)
                    .Order(StringComparer.Ordinal));
        },
        times: 300);

    [Fact]
    public void Many_tasks_come_in_several_pages_and_each_once()
    {
        // Every second task is done, so that no two neighbours go into one message.
        const int Count = (5 * JobDecider.SweepMessagesMax) + 2;
        TaskSpec[] tasks = [.. Enumerable.Range(0, Count).Select(_ => Spec())];
        GivenJob job = GivenJob.With(tasks).And(Recorded(
            [.. Enumerable.Range(0, Count / 2).Select(i => (2 * i, TaskOutcome.Succeeded))]));

        List<Message> all = [];
        for (int? cursor = 0; cursor is { } at;)
        {
            (ImmutableArray<Message> page, cursor) = JobDecider.Outstanding(Job, job.State, at);
            Assert.InRange(page.Count(m => m is not Message.SetPaused), 0, JobDecider.SweepMessagesMax);
            all.AddRange(page);
        }

        Assert.Equal(
            Enumerable.Range(0, Count / 2).Select(i => (2 * i) + 1),
            all.OfType<Message.Offer>().SelectMany(o => Enumerable.Range(o.First, o.Count)));
    }

    private static IEnumerable<string> Expected(Plan plan, JobState state)
    {
        if (!state.IsOpen)
        {
            yield break;
        }

        yield return state.IsStopping ? "withdraw" : $"paused {state.IsPaused}";
        for (int i = 0; i < state.TaskCount; i++)
        {
            TaskSpec task = plan.Tasks[i];
            int run = state.RunOf(i);
            int cause = task.DependsOn.FirstOrDefault(d => state.Status[d] > JobTaskStatus.Succeeded, -1);
            string? message = state.Status[i] switch
            {
                >= JobTaskStatus.Succeeded => null,
                _ when state.IsStopping => $"cancel {i} run {run}",
                JobTaskStatus.Released =>
                    $"offer {i} run {run} {task.Kind} {task.Terms(plan.Header.Policy).Priority} {task.NotBefore:O}",
                JobTaskStatus.SkipAsked => $"skip {i} run {run} because of {cause}",
                _ => null,
            };
            if (message is not null)
            {
                yield return message;
            }
        }
    }

    private static string WithoutCause(string message) => message.Split(" because of ")[0];

    private static IEnumerable<string> OneByOne(Message message) => message switch
    {
        Message.Withdraw => ["withdraw"],
        Message.SetPaused m => [$"paused {m.IsPaused}"],
        Message.Cancel m => Enumerable.Range(m.First, m.Count).Select(i => $"cancel {i} run {m.Run}"),
        Message.Skip m =>
            Enumerable.Range(m.First, m.Count).Select(i => $"skip {i} run {m.Run} because of {m.Cause}"),
        Message.Offer m => Enumerable.Range(m.First, m.Count)
            .Select(i => $"offer {i} run {m.Run} {m.Kind} {m.Priority} {m.NotBefore:O}"),
        _ => [message.ToString()],
    };
}
