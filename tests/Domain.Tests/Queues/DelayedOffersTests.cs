using Elasticity.Domain.Queues;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Queues;

/// <summary>Offers that wait: what was withdrawn is void, and does not pile up.</summary>
public class DelayedOffersTests
{
    [Fact]
    public void What_was_withdrawn_does_not_pile_up_behind_what_was_not()
    {
        DelayedOffers delayed = new();
        delayed.Add(Offer(0), T0.AddDays(1)); // Always the head: what is void comes after it.
        for (int i = 0; i < 10_000; i++)
        {
            JobId job = new($"job-{i}");
            delayed.Add(Offer(0) with { Job = job }, T0.AddYears(1).AddSeconds(-i));
            delayed.Add(Offer(0) with { Job = job }, T0.AddYears(1));
            delayed.Withdraw(job);
            Assert.InRange(delayed.EntryCount, 1, 2 * DelayedOffers.VoidMin);
        }

        Assert.Equal(1, delayed.TaskCount);
        Assert.Equal(T0.AddDays(1), delayed.NextDue);
        Assert.True(delayed.TryTakeDue(T0.AddYears(2), out Message.Offer offer));
        Assert.Equal(Offer(0), offer);
        Assert.False(delayed.TryTakeDue(T0.AddYears(2), out _));
        Assert.Equal(0, delayed.EntryCount);
    }

    [Fact]
    public void What_a_job_offers_after_it_was_withdrawn_is_kept_also_when_the_rest_is_tidied_up()
    {
        DelayedOffers delayed = new();
        delayed.Add(Offer(0), T0.AddDays(1));
        delayed.Add(Offer(1) with { Job = OtherJob }, T0.AddDays(2));
        delayed.Withdraw(OtherJob);
        delayed.Add(Offer(2) with { Job = OtherJob }, T0.AddDays(2));
        for (int i = 0; i < 2 * DelayedOffers.VoidMin; i++)
        {
            JobId job = new($"job-{i}");
            delayed.Add(Offer(0) with { Job = job }, T0.AddDays(3));
            delayed.Withdraw(job);
        }

        List<Message.Offer> due = [];
        while (delayed.TryTakeDue(T0.AddYears(1), out Message.Offer offer))
        {
            due.Add(offer);
        }

        Assert.Equal([Offer(0), Offer(2) with { Job = OtherJob }], due);
        Assert.Equal((0, 0), (delayed.TaskCount, delayed.EntryCount));
    }

    [Fact]
    public void What_one_job_withdrew_does_not_pile_up_either()
    {
        DelayedOffers delayed = new();
        delayed.Add(Offer(0), T0.AddDays(1));
        for (int i = 0; i < 1_000; i++)
        {
            delayed.Add(Offer(i) with { Job = OtherJob }, T0.AddDays(2));
        }

        delayed.Withdraw(OtherJob);

        Assert.Equal((1, 1), (delayed.TaskCount, delayed.EntryCount));
    }

    [Fact]
    public void What_became_due_is_not_withdrawn_a_second_time()
    {
        DelayedOffers delayed = new();
        delayed.Add(Offer(0), T0.AddDays(1));
        delayed.Add(Offer(1, 5), T0.AddDays(2));
        Assert.True(delayed.TryTakeDue(T0.AddDays(1), out _));

        delayed.Withdraw(Job);

        Assert.Equal((0, 0), (delayed.TaskCount, delayed.EntryCount));
        delayed.Withdraw(Job);
        Assert.Equal(0, delayed.TaskCount);
    }

    [Fact]
    public void A_few_void_offers_are_left_where_they_are()
    {
        DelayedOffers delayed = new();
        for (int i = 0; i < 2 * DelayedOffers.VoidMin; i++)
        {
            delayed.Add(Offer(i) with { Job = OtherJob }, T0.AddDays(1));
            delayed.Withdraw(OtherJob); // It is the head: nothing void is left, nor counted.
        }

        delayed.Add(Offer(0), T0.AddDays(1));
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < DelayedOffers.VoidMin; i++)
            {
                delayed.Add(Offer(i) with { Job = OtherJob }, T0.AddDays(2));
                delayed.Withdraw(OtherJob);
            }

            Assert.Equal(1 + DelayedOffers.VoidMin, delayed.EntryCount);
            delayed.Add(Offer(0) with { Job = OtherJob }, T0.AddDays(2));
            delayed.Withdraw(OtherJob);
            Assert.Equal(1, delayed.EntryCount);
        }
    }

    [Fact]
    public void Nothing_is_remembered_of_jobs_that_wait_for_nothing()
    {
        DelayedOffers delayed = new();
        delayed.Withdraw(OtherJob);
        Assert.Equal((0, 0), delayed.JobCounts);

        delayed.Add(Offer(0), T0.AddDays(1));
        Assert.Equal((1, 0), delayed.JobCounts);
        Assert.True(delayed.TryTakeDue(T0.AddDays(1), out _));
        Assert.Equal((0, 0), delayed.JobCounts);
    }

    [Fact]
    public void Jobs_that_withdrew_what_they_had_offered_are_forgotten_when_the_rest_is_tidied_up()
    {
        DelayedOffers delayed = new();
        for (int i = 0; i < DelayedOffers.VoidMin; i++)
        {
            JobId job = new($"job-{i}");
            delayed.Add(Offer(0) with { Job = job }, T0.AddDays(1));
            delayed.Withdraw(job);
        }

        Assert.Equal((0, DelayedOffers.VoidMin), delayed.JobCounts);
        delayed.Add(Offer(0), T0.AddDays(1));
        delayed.Withdraw(Job);
        Assert.Equal((0, 0), delayed.JobCounts);
    }
}
