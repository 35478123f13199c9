using Elasticity.Domain.Leases;
using Elasticity.Domain.Tasks;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Leases;

/// <summary>Deadlines, heartbeats and grace.</summary>
public class LeaseBookTests
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(30);

    private readonly LeaseBook _book = new();

    [Fact]
    public void A_lease_that_nobody_confirms_runs_out_as_unconfirmed()
    {
        Watch(1, at: 0);

        Assert.Empty(_book.TakeDue(Seconds(29.9), 10));
        Assert.Equal([new DueLease(FirstTask, 1, IsConfirmed: false)], _book.TakeDue(Seconds(30), 10));
        Assert.Equal(0, _book.Count);
        Assert.Empty(_book.TakeDue(Seconds(60), 10));
    }

    [Fact]
    public void A_heartbeat_confirms_a_lease_and_extends_it_by_its_full_length()
    {
        Watch(1, at: 0);

        Assert.Equal(LeaseAnswer.Renewed, Renew(1, at: 20));
        Assert.Empty(_book.TakeDue(Seconds(49.9), 10));
        Assert.Equal([new DueLease(FirstTask, 1, IsConfirmed: true)], _book.TakeDue(Seconds(50), 10));
    }

    [Fact]
    public void Leaving_a_lease_out_of_a_heartbeat_does_not_revoke_it()
    {
        Watch(1, at: 0);
        _book.Watch(new Message.WatchLease(new TaskId(Job, 1), Lease(1), Length, false), Seconds(0));

        Assert.Equal(LeaseAnswer.Renewed, _book.Renew(TheHolder, new TaskId(Job, 1), 1, null, Seconds(20)));

        Assert.Empty(_book.TakeDue(Seconds(29), 10));
        Assert.Equal([FirstTask], _book.TakeDue(Seconds(30), 10).Select(d => d.Task));
    }

    [Fact]
    public void A_heartbeat_is_told_that_the_job_asks_to_stop_and_extends_all_the_same()
    {
        Watch(1, at: 0);
        Watch(1, at: 5, isCancelRequested: true);

        Assert.Equal(LeaseAnswer.CancelRequested, Renew(1, at: 20));
        Assert.Empty(_book.TakeDue(Seconds(49), 10));
    }

    [Fact]
    public void Minding_a_lease_again_does_not_extend_it_and_does_not_take_back_the_request_to_stop()
    {
        Watch(1, at: 0, isCancelRequested: true);
        Watch(1, at: 20);

        Assert.Equal(Seconds(30), _book.Find(FirstTask)!.Deadline);
        Assert.Equal(LeaseAnswer.CancelRequested, Renew(1, at: 20));
    }

    [Fact]
    public void A_newer_lease_takes_the_place_of_an_older_one_and_not_the_other_way_round()
    {
        Watch(2, at: 0);
        Watch(1, at: 5, isCancelRequested: true);
        Assert.Equal(2, _book.Find(FirstTask)!.Lease.Token);
        Assert.False(_book.Find(FirstTask)!.IsCancelRequested);

        _book.Watch(
            new Message.WatchLease(FirstTask, Lease(3) with { Session = OtherSession }, Length, false), Seconds(10));

        Assert.Equal((0, 1), (_book.CountOf(TheHolder), _book.CountOf(OtherHolder)));
        Assert.Equal([3L], _book.TakeDue(Seconds(60), 10).Select(d => d.Token));
    }

    [Fact]
    public void A_heartbeat_under_an_older_token_or_of_another_holder_is_told_that_the_lease_is_lost()
    {
        Watch(2, at: 0);

        Assert.Equal(LeaseAnswer.Lost, Renew(1, at: 5));
        Assert.Equal(LeaseAnswer.Lost, _book.Renew(OtherHolder, FirstTask, 2, null, Seconds(5)));
        Assert.Equal(LeaseAnswer.Lost, _book.Renew(Namesake, FirstTask, 2, null, Seconds(5)));
        Assert.Equal(Seconds(30), _book.Find(FirstTask)!.Deadline);
    }

    [Fact]
    public void A_lease_the_book_does_not_know_is_looked_up_before_it_is_called_lost()
    {
        Assert.Equal(LeaseAnswer.Unknown, Renew(1, at: 0));

        Watch(1, at: 0);
        Assert.Equal(LeaseAnswer.Unknown, Renew(2, at: 5)); // Its word has not come yet.
    }

    [Fact]
    public void Forgetting_ends_a_lease_and_older_ones_but_not_a_newer_one()
    {
        Watch(2, at: 0);

        _book.Forget(FirstTask, 1);
        Assert.NotNull(_book.Find(FirstTask));

        _book.Forget(FirstTask, 2);
        _book.Forget(FirstTask, 2);
        Assert.Null(_book.Find(FirstTask));
        Assert.Empty(_book.OfHolder(TheHolder));
        Assert.Equal(0, _book.HolderCount);
        Assert.Empty(_book.TakeDue(Seconds(60), 10));
    }

    [Fact]
    public void Progress_is_kept_until_something_else_is_said()
    {
        Watch(1, at: 0);
        _book.Renew(TheHolder, FirstTask, 1, "10 %", Seconds(1));
        _book.Renew(TheHolder, FirstTask, 1, null, Seconds(2));

        Assert.Equal("10 %", _book.Find(FirstTask)!.Progress);
    }

    [Fact]
    public void Grace_is_one_full_length_from_now_and_given_once_until_the_next_heartbeat()
    {
        Watch(1, at: 0);
        _book.GiveGrace(Seconds(25));
        Assert.Equal(Seconds(55), _book.Find(FirstTask)!.Deadline);

        _book.GiveGrace(Seconds(50));
        Assert.Equal(Seconds(55), _book.Find(FirstTask)!.Deadline);

        Renew(1, at: 52);
        _book.GiveGrace(Seconds(60));
        Assert.Equal(Seconds(90), _book.Find(FirstTask)!.Deadline);
    }

    [Fact]
    public void Grace_does_not_confirm_a_lease()
    {
        Watch(1, at: 0);
        _book.GiveGrace(Seconds(25));

        Assert.Equal([new DueLease(FirstTask, 1, IsConfirmed: false)], _book.TakeDue(Seconds(55), 10));
    }

    [Fact]
    public void A_lease_from_before_the_start_has_its_grace_already()
    {
        _book.Watch(new Message.WatchLease(FirstTask, Lease(1), Length, false), Seconds(100), isRestored: true);

        _book.GiveGrace(Seconds(120));

        Assert.Equal(Seconds(130), _book.Find(FirstTask)!.Deadline);
    }

    [Fact]
    public void No_more_is_taken_out_at_once_than_asked()
    {
        for (int i = 0; i < 5; i++)
        {
            _book.Watch(new Message.WatchLease(new TaskId(Job, i), Lease(1), Length, false), Seconds(i));
        }

        Assert.Equal([0, 1, 2], _book.TakeDue(Seconds(60), 3).Select(d => d.Task.Index));
        Assert.Equal([3, 4], _book.TakeDue(Seconds(60), 3).Select(d => d.Task.Index));
    }

    [Fact]
    public void The_next_deadline_is_never_late()
    {
        Assert.Null(_book.NextDeadline);
        Watch(1, at: 0);
        Assert.Equal(Seconds(30), _book.NextDeadline);

        Renew(1, at: 20);
        Assert.True(_book.NextDeadline <= Seconds(50));
        _book.TakeDue(Seconds(30), 10);
        Assert.Equal(Seconds(50), _book.NextDeadline);
    }

    [Fact]
    public void A_repeated_request_finds_the_leases_it_was_given_as_far_as_they_live()
    {
        for (int i = 0; i < 4; i++)
        {
            Lease lease = Lease(1) with { Request = i < 3 ? "request-1" : "request-2" };
            _book.Watch(new Message.WatchLease(new TaskId(Job, i), lease, Length, false), Seconds(0));
        }

        _book.Forget(new TaskId(Job, 1), 1);

        Assert.Equal([0, 2], _book.OfRequest(TheHolder, "request-1", 9).Select(l => l.Task.Index));
        Assert.Single(_book.OfRequest(TheHolder, "request-1", 1));
        Assert.Empty(_book.OfRequest(OtherHolder, "request-1", 9));
        Assert.Empty(_book.OfRequest(Namesake, "request-1", 9));
        Assert.Empty(_book.OfRequest(TheHolder, "request-3", 9));
    }

    [Fact]
    public void Deadlines_of_leases_that_ended_early_do_not_pile_up()
    {
        TimeSpan day = TimeSpan.FromDays(1);
        for (int i = 0; i < 100_000; i++)
        {
            _book.Watch(new Message.WatchLease(new TaskId(Job, i), Lease(1), day, false), Seconds(i));
            if (i % 100 > 0)
            {
                _book.Forget(new TaskId(Job, i), 1);
            }
        }

        Assert.Equal(1_000, _book.Count);
        Assert.InRange(_book.DeadlineCount, 1_000, 5_000);
        Assert.Equal(
            Enumerable.Range(0, 1_000).Select(i => 100 * i),
            _book.TakeDue(3 * day, int.MaxValue).Select(d => d.Task.Index).Order());
    }

    [Fact]
    public void A_few_deadlines_of_leases_that_ended_are_left_where_they_are()
    {
        for (int i = 1; i <= LeaseBook.DeadlinesMin; i++)
        {
            WatchAndForget(i);
            Assert.Equal(i, _book.DeadlineCount);
        }

        WatchAndForget(0);
        Assert.Equal(1, _book.DeadlineCount);
    }

    [Fact]
    public void Half_of_many_deadlines_may_be_of_leases_that_ended()
    {
        int live = LeaseBook.DeadlinesMin;
        for (int i = 0; i < live; i++)
        {
            _book.Watch(new Message.WatchLease(new TaskId(Job, i), Lease(1), Length, false), Seconds(0));
        }

        // Each of them lives while it is minded: one more than the others.
        for (int i = 1; i <= live + 2; i++)
        {
            WatchAndForget(live + i);
            Assert.Equal(live + i, _book.DeadlineCount);
        }

        WatchAndForget(live);
        Assert.Equal(live + 1, _book.DeadlineCount);
    }

    [Fact]
    public void What_an_agent_says_last_of_its_progress_counts()
    {
        Watch(1, at: 0);
        _book.Renew(TheHolder, FirstTask, 1, "10 %", Seconds(1));
        _book.Renew(TheHolder, FirstTask, 1, "20 %", Seconds(2));

        Assert.Equal("20 %", _book.Find(FirstTask)!.Progress);
    }

    [Fact]
    public void The_shortest_length_is_remembered()
    {
        Assert.Null(_book.ShortestLength);
        Watch(1, at: 0);
        _book.Watch(new Message.WatchLease(new TaskId(Job, 1), Lease(1), Seconds(5), false), Seconds(0));
        _book.Watch(new Message.WatchLease(new TaskId(Job, 2), Lease(1), Seconds(90), false), Seconds(0));

        Assert.Equal(Seconds(5), _book.ShortestLength);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private void WatchAndForget(int index)
    {
        _book.Watch(new Message.WatchLease(new TaskId(Job, index), Lease(1), Length, false), Seconds(0));
        _book.Forget(new TaskId(Job, index), 1);
    }

    private void Watch(long token, double at, bool isCancelRequested = false) =>
        _book.Watch(new Message.WatchLease(FirstTask, Lease(token), Length, isCancelRequested), Seconds(at));

    private LeaseAnswer Renew(long token, double at) => _book.Renew(TheHolder, FirstTask, token, null, Seconds(at));
}
