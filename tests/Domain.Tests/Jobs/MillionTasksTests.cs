using System.Collections.Immutable;
using System.Diagnostics;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Queues;
using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using Xunit;
using Xunit.Abstractions;
using static Elasticity.Domain.Tasks.TaskOutcome;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>Alone in the process, so that memory can be measured.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
#pragma warning disable CA1711 // xUnit calls it a collection.
public sealed class LargeJobCollection
#pragma warning restore CA1711
{
    public const string Name = "large jobs";
}

/// <summary>The largest job that the limits allow. The numbers are printed; only generous bounds are
/// asserted.</summary>
[Collection(LargeJobCollection.Name)]
public class MillionTasksTests(ITestOutputHelper output)
{
    private const int TaskCount = 1_000_000;
    private const int Chunk = 1_000;

    [Fact]
    public void A_million_like_tasks_take_little_memory()
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        GivenJob job = Timed("1,000 chunks", () => Filled(_ => []));
        job = Timed("seal", () => job.And(new JobEvent.Sealed(T0)));
        Assert.InRange(Megabytes("sealed", before), 0, 64);

        job = Timed("1,000 times 1,000 outcomes", () => Recording(job, Succeeded, TaskCount - 1));
        Assert.Equal(TaskCount - 1, job.State.Counts.Succeeded);
        Assert.InRange(Megabytes("done", before), 0, 64);
        GC.KeepAlive(job);
    }

    [Fact]
    public void A_million_like_tasks_are_a_thousand_entries_of_the_queue()
    {
        GivenJob job = Filled(_ => []).And(new JobEvent.Sealed(T0));

        Message[] outstanding = Timed("outstanding", job.Outstanding);
        ReadyQueue queue = new();
        foreach (Message.Offer offer in outstanding.OfType<Message.Offer>())
        {
            queue.Add(offer, T0);
        }

        Assert.InRange(outstanding.Length, 1_000, 1_100);
        Assert.Equal(TaskCount, queue.ReadyCount);
        Assert.Equal(TaskCount, Timed("take a million", () => Drain(queue)));
    }

    [Fact]
    public void Outstanding_gives_bounded_pages_and_every_task_once()
    {
        // Every second task is done, so that no two neighbours go into one message.
        OutcomeRecord[] half = [.. Enumerable.Range(0, TaskCount / 2).Select(i => Outcome(2 * i, 1, Succeeded))];
        GivenJob job = Filled(_ => []).And(new JobEvent.Sealed(T0), new JobEvent.OutcomesRecorded(T0, [.. half]));

        int pages = 0;
        int offered = 0;
        Timed("outstanding", () =>
        {
            for (int? cursor = 0; cursor is { } at; pages++)
            {
                (ImmutableArray<Message> messages, cursor) = JobDecider.Outstanding(Job, job.State, at);
                Assert.InRange(messages.Length, 0, JobDecider.SweepMessagesMax + 1);
                offered += messages.OfType<Message.Offer>().Sum(o => o.Count);
            }

            return pages;
        });

        Assert.Equal(TaskCount / 2, offered);
        Assert.InRange(pages, 500, 600);
    }

    [Fact]
    public void A_million_tasks_that_wait_for_each_other_take_little_memory()
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        GivenJob job = Timed("1,000 chunks", () => Filled(i => i < Chunk ? [] : [i - Chunk]));
        job = Timed("seal", () => job.And(new JobEvent.Sealed(T0)));
        Assert.InRange(Megabytes("sealed", before), 0, 128);

        job = Timed("100 times 1,000 outcomes", () => Recording(job, Succeeded, 100 * Chunk));
        Assert.Equal(
            new TaskCounts { Succeeded = 100 * Chunk, Released = Chunk, Blocked = TaskCount - (101 * Chunk) },
            job.State.Counts);
        GC.KeepAlive(job);
    }

    [Fact]
    public void A_million_dead_letters_can_be_redriven_at_once()
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        GivenJob job = Recording(Filled(_ => []).And(new JobEvent.Sealed(T0)), DeadLettered, TaskCount)
            .And(new JobEvent.Ended(T0, JobOutcome.Failed));

        Decision<JobEvent> decision = Timed("decide", () => job.When(new JobCommand.Redrive(T0, null)).Decision);
        GivenJob redriven = Timed("evolve", () => job.And([.. decision.Events]));

        Assert.Equal(TaskCount, redriven.State.Counts.Released);
        Assert.Equal(2, redriven.State.RunOf(TaskCount - 1));
        Assert.InRange(decision.Messages.Length, 1_000, 1_100);
        Assert.InRange(Megabytes("redriven", before), 0, 256);
        GC.KeepAlive(redriven);
    }

    [Fact]
    public void A_root_with_a_million_dependents_frees_them_all()
    {
        GivenJob job = Filled(i => i == 0 ? [] : [0]).And(new JobEvent.Sealed(T0));

        Decision<JobEvent> freed = Timed("free", () => job.When(Report((0, Succeeded))).Decision);
        Decision<JobEvent> skipped = Timed("skip", () => job.When(Report((0, DeadLettered))).Decision);

        Assert.Equal(TaskCount - 1, freed.Messages.OfType<Message.Offer>().Sum(o => o.Count));
        Assert.Equal(new Message.Skip(Job, 1, TaskCount - 1, 1, Cause: 0), Assert.Single(skipped.Messages));
    }

    private static GivenJob Filled(Func<int, int[]> after)
    {
        GivenJob job = GivenJob.Nothing.And(new JobEvent.Opened(T0, Header(), new string('0', 64), TaskCount));
        for (int first = 0; first < TaskCount; first += Chunk)
        {
            ImmutableArray<TaskSpec> tasks = [.. Enumerable.Range(first, Chunk).Select(i => Spec(after(i)))];
            job = job.And(new JobEvent.TasksAdded(T0, first, tasks, job.State.DigestSoFar));
        }

        return job;
    }

    private static GivenJob Recording(GivenJob job, TaskOutcome outcome, int count)
    {
        for (int first = 0; first < count; first += Chunk)
        {
            job = job.And(new JobEvent.OutcomesRecorded(
                T0,
                [.. Enumerable.Range(first, Math.Min(Chunk, count - first)).Select(i => Outcome(i, 1, outcome))]));
        }

        return job;
    }

    private static OutcomeRecord Outcome(int index, int run, TaskOutcome outcome) =>
        new(index, run, outcome, "head");

    private static int Drain(ReadyQueue queue)
    {
        int taken = 0;
        while (queue.TryTake(out _))
        {
            taken++;
        }

        return taken;
    }

    private T Timed<T>(string what, Func<T> act)
    {
        var clock = Stopwatch.StartNew();
        T result = act();
        output.WriteLine($"{what}: {clock.ElapsedMilliseconds} ms");
        return result;
    }

    private long Megabytes(string what, long before)
    {
        long megabytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (1024 * 1024);
        output.WriteLine($"{what}: {megabytes} MiB");
        return megabytes;
    }
}
