using Elasticity.Domain.Queues;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Queues;

/// <summary>In which order tasks are leased.</summary>
public class ReadyQueueTests
{
    private static readonly JobId ThirdJob = new("job-c");

    private readonly ReadyQueue _queue = new();

    [Fact]
    public void Inside_a_job_the_first_ready_is_the_first_out()
    {
        Add(Job, 5);
        Add(Job, 0, count: 2);
        Add(Job, 3);

        Assert.Equal(["job-a/5", "job-a/0", "job-a/1", "job-a/3"], TakeAll());
    }

    [Fact]
    public void Jobs_take_turns_so_that_a_large_one_does_not_starve_a_small_one()
    {
        Add(Job, 0, count: 1_000_000);
        Assert.Equal(["job-a/0", "job-a/1"], Take(2));

        Add(OtherJob, 0);
        Add(ThirdJob, 0, count: 2);

        Assert.Equal(["job-a/2", "job-b/0", "job-c/0", "job-a/3", "job-c/1", "job-a/4", "job-a/5"], Take(7));
    }

    [Fact]
    public void The_greater_priority_goes_first_whatever_the_turn()
    {
        Add(Job, 0, count: 2);
        Add(OtherJob, 0, priority: -1);
        Add(OtherJob, 1, priority: 7);
        Assert.Equal(["job-b/1", "job-a/0"], Take(2));

        Add(ThirdJob, 0, priority: 1);
        Assert.Equal(["job-c/0", "job-a/1", "job-b/0"], TakeAll());
    }

    [Fact]
    public void A_job_takes_its_turns_in_each_priority()
    {
        Add(Job, 0, count: 2, priority: 1);
        Add(OtherJob, 0, priority: 1);
        Add(Job, 10, count: 2);
        Add(OtherJob, 10, count: 2);

        Assert.Equal(["job-a/0", "job-b/0", "job-a/1", "job-a/10", "job-b/10", "job-a/11", "job-b/11"], TakeAll());
    }

    [Fact]
    public void A_task_keeps_the_run_and_the_token_it_was_offered_with()
    {
        _queue.Add(Offer(0, run: 3) with { Token = 7 }, T0);

        Assert.True(_queue.TryTake(out ReadyTask task));
        Assert.Equal(new ReadyTask(FirstTask, 3, 7), task);
    }

    [Fact]
    public void Looking_does_not_take()
    {
        Add(Job, 0);

        Assert.True(_queue.TryPeek(out ReadyTask seen));
        Assert.True(_queue.TryTake(out ReadyTask taken));
        Assert.Equal(seen, taken);
        Assert.False(_queue.TryPeek(out _));
        Assert.False(_queue.TryTake(out _));
    }

    [Fact]
    public void A_paused_job_is_held_back_and_still_counted()
    {
        Add(Job, 0, count: 2);
        Add(OtherJob, 0, count: 2);
        _queue.SetPaused(Job, isPaused: true);
        Add(Job, 7, priority: 7);

        Assert.Equal(["job-b/0", "job-b/1"], TakeAll());
        Assert.Equal(3, _queue.ReadyCount);

        _queue.SetPaused(Job, isPaused: false);
        Assert.Equal(["job-a/7", "job-a/0", "job-a/1"], TakeAll());
    }

    [Fact]
    public void A_pause_may_come_before_the_offer_and_be_said_again()
    {
        _queue.SetPaused(Job, isPaused: true);
        Add(Job, 0);
        _queue.SetPaused(Job, isPaused: true);
        Assert.Empty(TakeAll());

        _queue.SetPaused(Job, isPaused: false);
        _queue.SetPaused(Job, isPaused: false);
        Assert.Equal(["job-a/0"], TakeAll());
    }

    [Fact]
    public void A_withdrawn_job_is_forgotten_with_its_pause()
    {
        Add(Job, 0, count: 2);
        Add(Job, 5, priority: 5);
        Add(OtherJob, 0);
        _queue.SetPaused(Job, isPaused: true);

        _queue.Withdraw(Job);

        Assert.Equal(1, _queue.ReadyCount);
        Add(Job, 9);
        Assert.Equal(["job-b/0", "job-a/9"], TakeAll());
    }

    [Fact]
    public void A_task_before_its_time_waits()
    {
        AddLater(Job, 0, T0.AddSeconds(10));
        AddLater(Job, 1, T0.AddSeconds(5));
        AddLater(OtherJob, 0, T0);

        Assert.Equal((1, 2), (_queue.ReadyCount, _queue.DelayedCount));
        Assert.Equal(T0.AddSeconds(5), _queue.NextDue);
        Assert.Equal(["job-b/0"], TakeAll());

        Assert.False(_queue.Advance(T0.AddSeconds(5).AddTicks(-1)));
        Assert.True(_queue.Advance(T0.AddSeconds(5)));
        Assert.Equal(["job-a/1"], TakeAll());

        Assert.True(_queue.Advance(T0.AddSeconds(60)));
        Assert.Equal(["job-a/0"], TakeAll());
        Assert.Null(_queue.NextDue);
    }

    [Fact]
    public void Tasks_become_ready_in_the_order_in_which_they_are_due()
    {
        AddLater(Job, 0, T0.AddSeconds(10));
        AddLater(Job, 1, T0.AddSeconds(5));
        AddLater(Job, 2, T0.AddSeconds(10));

        _queue.Advance(T0.AddSeconds(60));

        Assert.Equal(["job-a/1", "job-a/0", "job-a/2"], TakeAll());
    }

    [Fact]
    public void A_paused_job_stays_held_back_when_its_time_comes()
    {
        AddLater(Job, 0, T0.AddSeconds(10));
        _queue.SetPaused(Job, isPaused: true);

        _queue.Advance(T0.AddSeconds(10));

        Assert.Empty(TakeAll());
        Assert.Equal(1, _queue.ReadyCount);
    }

    [Fact]
    public void Delayed_tasks_of_a_withdrawn_job_are_forgotten_and_later_offers_are_not()
    {
        AddLater(Job, 0, T0.AddSeconds(5));
        AddLater(OtherJob, 0, T0.AddSeconds(10));

        _queue.Withdraw(Job);
        Assert.Equal((1, T0.AddSeconds(10)), (_queue.DelayedCount, _queue.NextDue));

        AddLater(Job, 1, T0.AddSeconds(5));
        _queue.Advance(T0.AddSeconds(60));
        Assert.Equal(["job-a/1", "job-b/0"], TakeAll());
    }

    private void Add(JobId job, int first, int count = 1, int priority = 0) =>
        _queue.Add(new Message.Offer(job, first, count, 1, 0, 0, Kind, priority, null), T0);

    private void AddLater(JobId job, int first, DateTimeOffset notBefore) =>
        _queue.Add(new Message.Offer(job, first, 1, 1, 0, 0, Kind, 0, notBefore), T0);

    private string[] TakeAll() => Take(int.MaxValue);

    private string[] Take(int limit)
    {
        List<string> taken = [];
        while (taken.Count < limit && _queue.TryTake(out ReadyTask task))
        {
            taken.Add(task.Task.ToString());
        }

        return [.. taken];
    }
}
