using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Tasks;

/// <summary>When a task that failed is tried again, and when it is given up.</summary>
public class RetryTests
{
    private static readonly Failure Failure = new("exit-code", "The command ended with 1.", IsFinal: false);
    private static readonly Payload Output = Payload.FromJson("\"output\"");
    private static readonly Message Forget = new Message.ForgetLease(FirstTask, 1);

    private static readonly RetryPolicy Plain = new() { AttemptsMax = 3, Jitter = 0 };

    [Fact]
    public void A_failed_task_backs_off_and_is_offered_for_later() =>
        Leased(Plain).When(Fail(1))
            .Records(new TaskEvent.Failed(T0, 1, Failure, T0.AddSeconds(1), Output))
            .Tells(OfferAgain() with { NotBefore = T0.AddSeconds(1) }, Forget);

    [Fact]
    public void The_last_attempt_dead_letters_the_task() =>
        Leased(Plain with { AttemptsMax = 2 }).After(Fail(1)).LeasedAgain()
            .When(Fail(2))
            .Records(
                new TaskEvent.Failed(T0, 2, Failure, null, Output),
                new TaskEvent.DeadLettered(T0, 1, "attempts-exhausted"))
            .Tells(
                new Message.TaskEnded(FirstTask, 1, TaskOutcome.DeadLettered), new Message.ForgetLease(FirstTask, 2));

    [Fact]
    public void One_attempt_means_no_retry() =>
        Leased(Plain with { AttemptsMax = 1 }).When(Fail(1))
            .Records(
                new TaskEvent.Failed(T0, 1, Failure, null, Output),
                new TaskEvent.DeadLettered(T0, 1, "attempts-exhausted"));

    [Fact]
    public void Three_attempts_are_the_default()
    {
        GivenTask task = GivenTask.Leased().After(Fail(1)).LeasedAgain().After(Fail(2)).LeasedAgain();
        Assert.Equal((TaskPhase.Leased, 3), (task.State.Phase, task.State.Lease!.Attempt));

        task = task.After(Fail(3));
        Assert.Equal((TaskPhase.Ended, TaskOutcome.DeadLettered), (task.State.Phase, task.State.Outcome));
    }

    [Fact]
    public void A_failure_that_is_final_is_not_tried_again() =>
        Leased(Plain).When(Fail(1) with { Settlement = new Settlement.Failed(Failure with { IsFinal = true }, Output) })
            .Records(
                new TaskEvent.Failed(T0, 1, Failure with { IsFinal = true }, null, Output),
                new TaskEvent.DeadLettered(T0, 1, "final-failure"));

    [Fact]
    public void A_new_run_has_all_its_attempts()
    {
        GivenTask task = Leased(Plain with { AttemptsMax = 1 }).After(Fail(1)).LeasedInRun(2);

        task.When(Fail(2)).Records(new TaskEvent.Failed(T0, 2, Failure, T0.AddSeconds(1), Output));
    }

    [Fact]
    public void A_failed_task_that_was_asked_to_stop_is_cancelled() =>
        Leased(Plain).And(new TaskEvent.CancelRequested(T0, 1))
            .When(Fail(1))
            .Records(new TaskEvent.Failed(T0, 1, Failure, null, Output), new TaskEvent.Cancelled(T0, 1))
            .Tells(new Message.TaskEnded(FirstTask, 1, TaskOutcome.Cancelled), Forget);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(9, 256)]
    [InlineData(10, 300)]
    [InlineData(999, 300)]
    public void The_delay_doubles_up_to_the_cap(int attempt, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Plain.DelayAfter(attempt, 0));

    [Theory]
    [InlineData(0, 0, 10)]
    [InlineData(0.5, 0, 10)]
    [InlineData(0.5, 0.5, 7.5)]
    [InlineData(1, 0.75, 2.5)]
    public void Chance_takes_the_jitters_share_off_the_delay(double jitter, double chance, double seconds) =>
        Assert.Equal(
            TimeSpan.FromSeconds(seconds),
            new RetryPolicy { First = TimeSpan.FromSeconds(10), Jitter = jitter }.DelayAfter(1, chance));

    [Theory]
    [InlineData(0, 100, 999)]
    [InlineData(0, 1, 1)]
    [InlineData(604800, 100, 999)]
    public void The_delay_stays_within_its_bounds_however_often_a_task_fails(int seconds, double factor, int attempt)
    {
        RetryPolicy policy = new()
        {
            AttemptsMax = 1_000, First = TimeSpan.FromSeconds(seconds), Factor = factor, Cap = RetryPolicy.BackoffLimit,
        };

        Assert.Null(policy.Problem());
        Assert.InRange(policy.DelayAfter(attempt, 0), TimeSpan.FromSeconds(seconds), RetryPolicy.BackoffLimit);
    }

    [Fact]
    public void A_policy_at_the_ends_of_its_ranges_is_accepted()
    {
        Assert.Null(new RetryPolicy { AttemptsMax = 1, First = TimeSpan.Zero, Factor = 1, Jitter = 0 }.Problem());
        Assert.Null(new RetryPolicy { AttemptsMax = 1_000, Factor = 100, Jitter = 1, Cap = TimeSpan.Zero }.Problem());
    }

    [Theory]
    [InlineData("attemptsMax is")]
    [InlineData("first back-off is")]
    [InlineData("back-off factor is")]
    [InlineData("back-off cap is")]
    [InlineData("jitter is")]
    public void A_policy_outside_its_ranges_is_refused_by_name(string expected)
    {
        RetryPolicy[] bad = expected switch
        {
            "attemptsMax is" => [new() { AttemptsMax = 0 }, new() { AttemptsMax = 1_001 }],
            "first back-off is" => [new() { First = TimeSpan.FromTicks(-1) }, new() { First = TimeSpan.FromDays(8) }],
            "back-off factor is" => [new() { Factor = 0.9 }, new() { Factor = 101 }, new() { Factor = double.NaN }],
            "back-off cap is" => [new() { Cap = TimeSpan.FromTicks(-1) }, new() { Cap = TimeSpan.FromDays(8) }],
            _ => [new() { Jitter = -0.1 }, new() { Jitter = 1.1 }, new() { Jitter = double.NaN }],
        };

        Assert.All(bad, policy => Assert.Contains(expected, policy.Problem()));
    }

    private static GivenTask Leased(RetryPolicy retry) => GivenTask.Leased(Terms with { Retry = retry });

    private static TaskCommand.Settle Fail(long token) =>
        new(T0, TheHolder, token, new Settlement.Failed(Failure, Output), Chance: 0);
}
