using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.World;

/// <summary>Jobs and commands, drawn.</summary>
internal static class DrawnJob
{
    /// <summary>A job that was accepted, and up to eleven commands later.</summary>
    public static (Plan Plan, GivenJob Job) Draw(Random random)
    {
        (Plan plan, GivenJob job) = DrawAccepted(random);
        int commands = random.Next(12);
        for (int i = 0; i < commands; i++)
        {
            job = job.After(DrawCommand(random, job.State));
        }

        return (plan, job);
    }

    /// <summary>A job that has just been accepted.</summary>
    public static (Plan Plan, GivenJob Job) DrawAccepted(Random random)
    {
        Plan plan = Plan.Draw(random, "job-a", T0);
        GivenJob job = GivenJob.Opened(plan.Header.Policy, [.. plan.Tasks]);
        for (int first = 0; first < plan.Tasks.Length;)
        {
            int count = 1 + random.Next(plan.Tasks.Length - first);
            job = job.Adding(first, [.. plan.Tasks.Slice(first, count)]);
            first += count;
        }

        return (plan, job.After(new JobCommand.Seal(T0)));
    }

    /// <summary>What may be asked of it, or told.</summary>
    public static JobCommand DrawCommand(Random random, JobState state)
    {
        int index = random.Next(Math.Max(1, state.TaskCount));
        return random.Next(12) switch
        {
            0 => new JobCommand.Cancel(T0),
            1 => new JobCommand.Pause(T0),
            2 => new JobCommand.Resume(T0),
            3 => new JobCommand.Redrive(T0, index),
            4 => new JobCommand.Redrive(T0, null),
            _ => ReportRun(
                state.RunOf(index),
                (index, state.Status.Count == 0 ? TaskOutcome.Succeeded : PossibleOutcome(random, state, index))),
        };
    }

    // What the task would tell: it is not leased while it is blocked, and only skipped when it was asked to.
    private static TaskOutcome PossibleOutcome(Random random, JobState state, int index) => state.Status[index] switch
    {
        JobTaskStatus.SkipAsked => TaskOutcome.Skipped,
        JobTaskStatus.Released => random.Next(3) == 0 ? TaskOutcome.DeadLettered : TaskOutcome.Succeeded,
        _ => TaskOutcome.Cancelled,
    };
}
