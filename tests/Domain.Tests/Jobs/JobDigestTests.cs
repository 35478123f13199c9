using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>The digest is part of the stored format. These values were computed by another program, from the
/// description of the digest alone; they never change.</summary>
public class JobDigestTests
{
    private static readonly RetryPolicy Retry = new();

    [Fact]
    public void A_job_without_tasks_has_this_digest() =>
        Assert.Equal(
            "bf70a32fa633870dd3480eec2e3302c24682a2f6a622be8fc497bb6b3b27c4e9", JobDigest.Of(JobPolicy.Default, []));

    [Fact]
    public void A_task_that_says_nothing_has_this_digest() =>
        Assert.Equal(
            "74d19242c40ad9e25ba0ebeed91aee0863b23f351d9dcd478f24fd685d6da508",
            JobDigest.Of(JobPolicy.Default, [new TaskSpec { Kind = "resize" }]));

    [Fact]
    public void A_job_that_says_everything_has_this_digest()
    {
        JobPolicy policy = new()
        {
            OnDeadLetter = DeadLetterRule.Ignore,
            Retry = new RetryPolicy
            {
                AttemptsMax = 5,
                First = TimeSpan.FromSeconds(2),
                Factor = 1.5,
                Cap = TimeSpan.FromMinutes(1),
                Jitter = 0.25,
            },
            LeaseLength = TimeSpan.FromSeconds(90),
            Priority = -7,
        };
        TaskSpec first = new() { Kind = "resize", Payload = Payload.FromJson("""{"w":1}""") };
        TaskSpec second = new()
        {
            Kind = "upload",
            Name = "näme",
            DependsOn = [0, 0],
            NotBefore = T0,
            Retry = new RetryPolicy { AttemptsMax = 1, First = default, Factor = 2, Cap = default, Jitter = 0 },
            LeaseLength = TimeSpan.FromSeconds(1),
            Priority = 1_000,
        };

        Assert.Equal(
            "08e9ffdf83ad5758e9d5ef81e12462481cb6e590191e529924fb424d36a5fd2f",
            JobDigest.Of(policy, [first, second]));
    }

    [Fact]
    public void Whatever_the_client_said_makes_another_job()
    {
        TaskSpec task = Spec();
        string[] digests =
        [
            Of(task),
            Of(task, task),
            JobDigest.Of(new JobPolicy { OnDeadLetter = DeadLetterRule.FailAtEnd }, [task]), // the default, but said
            JobDigest.Of(new JobPolicy { OnDeadLetter = DeadLetterRule.FailFast }, [task]),
            JobDigest.Of(new JobPolicy { Retry = Retry }, [task]),
            JobDigest.Of(new JobPolicy { LeaseLength = TaskTerms.DefaultLeaseLength }, [task]),
            JobDigest.Of(new JobPolicy { Priority = 0 }, [task]),
            Of(task with { Kind = "upload" }),
            Of(task with { Name = string.Empty }),
            Of(task with { Name = "resize" }),
            Of(task with { Payload = Payload.FromJson("{}") }),
            Of(task with { Payload = Payload.FromJson("{ }") }),
            Of(task with { DependsOn = [0] }),
            Of(task with { DependsOn = [0, 0] }),
            Of(task with { DependsOn = [1] }),
            Of(task with { Retry = Retry }),
            Of(task with { Retry = Retry with { AttemptsMax = 4 } }),
            Of(task with { Retry = Retry with { First = TimeSpan.FromSeconds(2) } }),
            Of(task with { Retry = Retry with { Factor = 3 } }),
            Of(task with { Retry = Retry with { Cap = TimeSpan.FromSeconds(2) } }),
            Of(task with { Retry = Retry with { Jitter = 0.3 } }),
            Of(task with { LeaseLength = TaskTerms.DefaultLeaseLength }),
            Of(task with { LeaseLength = TimeSpan.FromTicks(2) }),
            Of(task with { Priority = 0 }),
            Of(task with { Priority = 2 }),
            Of(task with { NotBefore = T0 }),
            Of(task with { NotBefore = T0.AddTicks(1) }),
            Of(task with { Name = "a" }, task),
            Of(task, task with { Name = "a" }),
        ];

        Assert.Equal(digests.Length, digests.Distinct().Count());
    }

    [Fact]
    public void Fields_next_to_each_other_do_not_flow_into_each_other() =>
        Assert.NotEqual(
            Of(Spec() with { Kind = "ab", Name = "c" }), Of(Spec() with { Kind = "a", Name = "bc" }));

    [Fact]
    public void One_moment_in_two_time_zones_is_the_same() =>
        Assert.Equal(
            Of(Spec() with { NotBefore = T0 }),
            Of(Spec() with { NotBefore = T0.ToOffset(TimeSpan.FromHours(2)) }));

    [Fact]
    public void No_dependencies_can_be_written_in_two_ways() =>
        Assert.Equal(Of(Spec() with { DependsOn = [] }), Of(Spec() with { DependsOn = default }));

    [Fact]
    public void A_digest_that_is_taken_up_again_goes_on_as_if_it_had_not_stopped()
    {
        TaskSpec[] tasks = [Spec(), Spec(0), Spec(1)];

        JobDigest begun = JobDigest.Start(JobPolicy.Default, 3);
        begun.Add(tasks[0]);
        JobDigest resumed = JobDigest.From(begun.Value());
        resumed.Add(tasks[1]);
        resumed.Add(tasks[2]);

        Assert.Equal(Of(tasks), resumed.Value());
    }

    [Fact]
    public void A_digest_is_valid() => Assert.True(JobDigest.IsValid(Of(Spec())));

    private static string Of(params TaskSpec[] tasks) => JobDigest.Of(JobPolicy.Default, tasks);
}
