using Elasticity.Domain.Queues;
using Xunit;

namespace Elasticity.Domain.Tests.Queues;

public sealed class OfferedTasksTests
{
    private static readonly JobId Job = new("a");

    [Fact]
    public void An_offer_that_comes_again_is_nothing_new()
    {
        OfferedTasks held = new();

        Assert.Equal([Offer(0, 1_000_000)], held.Add(Offer(0, 1_000_000)));
        Assert.Empty(held.Add(Offer(0, 1_000_000)));
        Assert.Empty(held.Add(Offer(17, 4)));
    }

    [Fact]
    public void Of_an_offer_only_what_is_not_held_is_new()
    {
        OfferedTasks held = new();
        held.Add(Offer(10, 10));
        held.Add(Offer(30, 10));

        Assert.Equal([Offer(5, 5), Offer(20, 10), Offer(40, 5)], held.Add(Offer(5, 40)));
    }

    [Fact]
    public void A_task_that_was_taken_may_be_offered_again()
    {
        OfferedTasks held = new();
        held.Add(Offer(0, 10));
        held.Remove(new ReadyTask(new TaskId(Job, 4), 1, 0));

        Assert.Equal([Offer(4, 1)], held.Add(Offer(0, 10)));
    }

    [Fact]
    public void Nothing_is_remembered_of_jobs_and_runs_whose_tasks_were_all_taken()
    {
        OfferedTasks held = new();
        held.Add(Offer(0, 2));
        held.Add(Offer(0, 1) with { Run = 2 });

        held.Remove(new ReadyTask(new TaskId(Job, 0), 1, 0));
        Assert.Equal((1, 2), (held.JobCount, held.RunCount));
        held.Remove(new ReadyTask(new TaskId(Job, 1), 1, 0));
        Assert.Equal((1, 1), (held.JobCount, held.RunCount));
        held.Remove(new ReadyTask(new TaskId(Job, 0), 2, 0));
        Assert.Equal((0, 0), (held.JobCount, held.RunCount));
    }

    [Fact]
    public void Ranges_that_touch_become_one()
    {
        OfferedTasks held = new();
        held.Add(Offer(4, 2));
        held.Add(Offer(0, 2));
        Assert.Equal(2, held.RangeCount);

        held.Add(Offer(2, 1));
        Assert.Equal(2, held.RangeCount);
        held.Add(Offer(3, 1));
        Assert.Equal(1, held.RangeCount);
    }

    [Fact]
    public void Runs_and_jobs_are_kept_apart()
    {
        OfferedTasks held = new();
        held.Add(Offer(0, 3));

        Assert.Single(held.Add(Offer(0, 3) with { Run = 2 }));
        Assert.Single(held.Add(Offer(0, 3) with { Job = new JobId("b") }));
        held.Withdraw(Job);
        Assert.Single(held.Add(Offer(0, 3)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_agrees_with_a_set_of_tasks(int seed)
    {
        Random chance = new(seed);
        OfferedTasks held = new();
        HashSet<int> model = [];
        for (int i = 0; i < 2_000; i++)
        {
            int first = chance.Next(60);
            if (chance.Next(3) == 0)
            {
                held.Remove(new ReadyTask(new TaskId(Job, first), 1, 0));
                model.Remove(first);
                continue;
            }

            int count = chance.Next(1, 12);
            int[] expected = [.. Enumerable.Range(first, count).Where(model.Add)];
            Assert.Equal(
                expected, held.Add(Offer(first, count)).SelectMany(o => Enumerable.Range(o.First, o.Count)));
        }
    }

    private static Message.Offer Offer(int first, int count) => new(Job, first, count, 1, 0, 0, "resize", 0, null);
}
