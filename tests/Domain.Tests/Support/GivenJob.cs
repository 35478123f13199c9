using System.Collections.Immutable;
using Elasticity.Domain.Jobs;

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

    public Then<JobEvent> When(JobCommand command, Limits? limits = null) =>
        new(JobDecider.Decide(Some.Job, State, command, limits ?? Limits.Default));

    /// <summary>What happens after a command that is accepted.</summary>
    public GivenJob After(JobCommand command) => And([.. When(command).Decision.Events]);

    /// <summary>Everything that the job still waits for.</summary>
    public Message[] Outstanding()
    {
        List<Message> all = [];
        int? cursor = 0;
        while (cursor is { } at)
        {
            (ImmutableArray<Message> page, cursor) = JobDecider.Outstanding(Some.Job, State, at);
            all.AddRange(page);
        }

        return [.. all];
    }
}
