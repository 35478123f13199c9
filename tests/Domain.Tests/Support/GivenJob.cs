using System.Collections.Immutable;
using Elasticity.Domain.Jobs;
using Xunit;

namespace Elasticity.Domain.Tests.Support;

/// <summary>A job with a past.</summary>
internal sealed record GivenJob(JobState State)
{
    /// <summary>No job.</summary>
    public static GivenJob Nothing { get; } = new(JobState.None);

    /// <summary>A job with these tasks, accepted.</summary>
    public static GivenJob With(params TaskSpec[] tasks) => With(JobPolicy.Default, tasks);

    /// <summary>A job with this policy and these tasks, accepted.</summary>
    public static GivenJob With(JobPolicy policy, params TaskSpec[] tasks) =>
        Opened(policy, tasks).Adding(0, tasks).And(new JobEvent.Sealed(Some.T0));

    /// <summary>A job whose tasks have not come yet.</summary>
    public static GivenJob Opened(JobPolicy policy, params TaskSpec[] tasks) => Nothing.And(
        new JobEvent.Opened(Some.T0, Some.Header(policy), JobDigest.Of(policy, tasks), tasks.Length));

    public static GivenJob Opened(params TaskSpec[] tasks) => Opened(JobPolicy.Default, tasks);

    /// <summary>A chunk arrived.</summary>
    public GivenJob Adding(int first, params TaskSpec[] tasks)
    {
        JobDigest digest = JobDigest.From(State.DigestSoFar);
        foreach (TaskSpec task in tasks)
        {
            digest.Add(task);
        }

        return And(new JobEvent.TasksAdded(Some.T0, first, [.. tasks], digest.Value()));
    }

    public GivenJob And(params JobEvent[] events) => new(events.Aggregate(State, JobDecider.Evolve));

    public Then<JobEvent> When(JobCommand command, Limits? limits = null)
    {
        Decision<JobEvent> decision = JobDecider.Decide(Some.Job, State, command, limits ?? Limits.Default);
        long version = And([.. decision.Events.Where(e => e is not JobEvent.Checkpointed)]).State.Version;
        return new(decision with { Messages = [.. decision.Messages.Select(m => Without(version, m))] });
    }

    /// <summary>What happens after a command that is accepted.</summary>
    public GivenJob After(JobCommand command) => And([.. When(command).Decision.Events]);

    /// <summary>Everything that the job still waits for, without its version.</summary>
    public Message[] Outstanding()
    {
        List<Message> all = [];
        int? cursor = 0;
        while (cursor is { } at)
        {
            (ImmutableArray<Message> page, cursor) = JobDecider.Outstanding(Some.Job, State, at);
            all.AddRange(page.Select(m => Without(State.Version, m)));
        }

        return [.. all];
    }

    /// <summary>A message to a queue carries the version that the job has then; after that, it is 0 in what is
    /// compared.</summary>
    private static Message Without(long version, Message message)
    {
        switch (message)
        {
            case Message.Offer m:
                Assert.Equal(version, m.Version);
                return m with { Version = 0 };
            case Message.Withdraw m:
                Assert.Equal(version, m.Version);
                return m with { Version = 0 };
            default:
                return message;
        }
    }
}
