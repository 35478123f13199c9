using Elasticity.Domain.Queues;
using Xunit;

namespace Elasticity.Domain.Tests.Queues;

/// <summary>What a sweep may offer once more.</summary>
public class HandedOutTasksTests
{
    private static readonly JobId Job = new("job");
    private static readonly TimeSpan Now = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly HandedOutTasks _tasks = new();

    [Fact]
    public void What_was_handed_out_is_left_out_of_an_offer_of_its_run()
    {
        _tasks.Add(Task(5, run: 1), Now);
        _tasks.Add(Task(3, run: 1), Now);
        _tasks.Add(Task(4, run: 2), Now);
        _tasks.Add(Task(9, run: 1), Now);

        Assert.Equal([(2, 1), (4, 1), (6, 3)], Ranges(_tasks.Without(Offer(2, 7))));
        Assert.Equal([(20, 2)], Ranges(_tasks.Without(Offer(20, 2))));
        Assert.Equal([(2, 7)], Ranges(_tasks.Without(Offer(2, 7) with { Job = new JobId("other") })));
    }

    [Fact]
    public void What_was_handed_out_long_ago_is_forgotten_unless_it_was_again()
    {
        _tasks.Add(Task(1, run: 1), Now);
        _tasks.Add(Task(2, run: 1), Now);
        _tasks.Add(Task(2, run: 1), Now);
        _tasks.Add(Task(1, run: 1), Now + Second);

        _tasks.Forget(Now + Second);
        Assert.Equal([(0, 1), (2, 1)], Ranges(_tasks.Without(Offer(0, 3))));

        _tasks.Forget(Now + (2 * Second));
        Assert.Equal([(0, 3)], Ranges(_tasks.Without(Offer(0, 3))));
        Assert.Equal((0, 0, 0), _tasks.Counts);
    }

    [Fact]
    public void What_was_handed_out_beyond_an_offer_does_not_make_it_longer()
    {
        _tasks.Add(Task(1, run: 1), Now);
        _tasks.Add(Task(10, run: 1), Now);

        Assert.Equal([(2, 7)], Ranges(_tasks.Without(Offer(2, 7))));
        Assert.Equal([(2, 8)], Ranges(_tasks.Without(Offer(2, 8))));
    }

    [Fact]
    public void A_job_that_gave_up_its_offers_is_not_offered_by_a_sweep_that_asked_before()
    {
        _tasks.Withdraw(new Message.Withdraw(Job, 4), Now);
        Assert.Empty(_tasks.Without(Offer(0, 3)));

        _tasks.Forget(Now + Second);
        Assert.Equal([(0, 3)], Ranges(_tasks.Without(Offer(0, 3))));
    }

    [Fact]
    public void No_offer_of_nothing_is_left_between_or_behind_what_was_handed_out()
    {
        _tasks.Add(Task(2, run: 1), Now);
        _tasks.Add(Task(3, run: 1), Now);
        _tasks.Add(Task(8, run: 1), Now);

        Assert.Equal([(4, 4)], Ranges(_tasks.Without(Offer(2, 7))));
        Assert.Empty(_tasks.Without(Offer(2, 2)));
    }

    [Fact]
    public void A_job_that_gave_up_its_offers_a_moment_ago_is_still_left_out()
    {
        _tasks.Withdraw(new Message.Withdraw(Job, 4), Now);

        _tasks.Forget(Now);

        Assert.Empty(_tasks.Without(Offer(0, 3)));
    }

    [Fact]
    public void What_was_handed_out_and_leased_since_is_news()
    {
        _tasks.Add(Task(0, run: 1, token: 2), Now);
        _tasks.Add(Task(1, run: 1, token: 3), Now);
        Message.Offer offer = Offer(0, 2);

        Assert.Equal([(0, 1)], Ranges(_tasks.Without(offer with { Token = 3 })));
        Assert.Equal([(0, 2)], Ranges(_tasks.Without(offer with { Token = 4 })));
        Assert.Empty(_tasks.Without(offer with { Token = 2 }));
        Assert.Empty(_tasks.Without(offer)); // By the job, which does not know yet that they were leased.
    }

    [Fact]
    public void What_was_handed_out_twice_is_remembered_with_its_last_lease()
    {
        _tasks.Add(Task(0, run: 1, token: 5), Now);
        _tasks.Add(Task(0, run: 1), Now + Second); // An old offer that came late.
        _tasks.Forget(Now + Second);

        Assert.Empty(_tasks.Without(Offer(0, 1) with { Token = 5 }));
        Assert.Equal([(0, 1)], Ranges(_tasks.Without(Offer(0, 1) with { Token = 6 })));
    }

    [Fact]
    public void What_a_job_offers_after_it_gave_up_its_offers_is_news()
    {
        _tasks.Withdraw(new Message.Withdraw(Job, 4), Now);
        _tasks.Withdraw(new Message.Withdraw(Job, 3), Now);

        Assert.Empty(_tasks.Without(Offer(0, 3) with { Version = 4 }));
        Assert.Equal([(0, 3)], Ranges(_tasks.Without(Offer(0, 3) with { Version = 5 })));
    }

    private static ReadyTask Task(int index, int run, long token = 0) => new(new TaskId(Job, index), run, token);

    private static Message.Offer Offer(int first, int count) => new(Job, first, count, 1, 0, 0, "kind", 0, null);

    private static IEnumerable<(int First, int Count)> Ranges(IEnumerable<Message.Offer> offers) =>
        offers.Select(o => (o.First, o.Count));
}
