using Elasticity.Domain.Leases;
using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using FsCheck;
using FsCheck.Fluent;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Leases;

/// <summary>The book against a dictionary that is searched each time.</summary>
public class LeaseBookProperties
{
    // Two agents chose the same session id.
    private static readonly Holder[] Holders = [TheHolder, Namesake, OtherHolder];

    private static readonly Gen<Step[]> Steps = Gen.ArrayOf(Gen.Frequency(
        (6, from task in Gen.Choose(0, 3)
            from token in Gen.Choose(1, 4)
            from length in Gen.Choose(1, 9)
            from flags in Gen.Choose(0, 3)
            select (Step)new Step.Watch(task, token, length, (flags & 1) > 0, (flags & 2) > 0)),
        (6, from task in Gen.Choose(0, 3)
            from token in Gen.Choose(1, 4)
            from holder in Gen.Elements(Holders)
            from progress in Gen.Elements(null, "p", "q")
            select (Step)new Step.Renew(task, token, holder, progress)),
        (2, from task in Gen.Choose(0, 3) from token in Gen.Choose(1, 4) select (Step)new Step.Forget(task, token)),
        (4, from limit in Gen.Elements(1, 2, 100) select (Step)new Step.TakeDue(limit)),
        (1, Gen.Constant((Step)new Step.GiveGrace())),
        (4, from seconds in Gen.Choose(1, 4) select (Step)new Step.Wait(seconds))));

    [Fact]
    public void The_book_does_what_the_dictionary_does() => Always.Holds(
        Steps.Resize(120),
        steps =>
        {
            LeaseBook book = new();
            Dictionary<TaskId, Naive> naive = [];
            TimeSpan now = TimeSpan.FromHours(1);
            foreach (Step step in steps)
            {
                now += step is Step.Wait wait ? TimeSpan.FromSeconds(wait.Seconds) : TimeSpan.Zero;
                Do(step, book, naive, now);
                AssertSame(book, naive);
            }
        },
        times: 300);

    private static void Do(Step step, LeaseBook book, Dictionary<TaskId, Naive> naive, TimeSpan now)
    {
        switch (step)
        {
            case Step.Watch s:
                book.Watch(s.Message, now, s.IsRestored);
                Watch(naive, s, now);
                break;
            case Step.Renew s:
                Assert.Equal(
                    Renew(naive, s, now), book.Renew(s.Holder, new TaskId(Job, s.Task), s.Token, s.Progress, now));
                break;
            case Step.Forget s:
                book.Forget(new TaskId(Job, s.Task), s.Token);
                if (naive.GetValueOrDefault(new TaskId(Job, s.Task))?.Lease.Token <= s.Token)
                {
                    naive.Remove(new TaskId(Job, s.Task));
                }

                break;
            case Step.TakeDue s:
                IReadOnlyList<DueLease> due = book.TakeDue(now, s.Limit);
                Assert.Equal(Math.Min(s.Limit, naive.Count(n => n.Value.Deadline <= now)), due.Count);
                foreach (DueLease lease in due)
                {
                    Assert.True(naive.Remove(lease.Task, out Naive? gone) && gone.Deadline <= now);
                    Assert.Equal((gone.Lease.Token, gone.IsConfirmed), (lease.Token, lease.IsConfirmed));
                }

                break;
            case Step.GiveGrace:
                book.GiveGrace(now);
                foreach (Naive lease in naive.Values.Where(n => !n.IsGraceUsed))
                {
                    lease.IsGraceUsed = true;
                    lease.Deadline = now + lease.Length;
                }

                break;
        }
    }

    private static void Watch(Dictionary<TaskId, Naive> naive, Step.Watch s, TimeSpan now)
    {
        TaskId task = s.Message.Task;
        if (!naive.TryGetValue(task, out Naive? known) || known.Lease.Token < s.Token)
        {
            naive[task] = new Naive(s.Message.Lease, s.Message.Length)
            {
                Deadline = now + s.Message.Length,
                IsCancelRequested = s.IsCancelRequested,
                IsGraceUsed = s.IsRestored,
            };
        }
        else if (known.Lease.Token == s.Token)
        {
            known.IsCancelRequested |= s.IsCancelRequested;
        }
    }

    private static LeaseAnswer Renew(Dictionary<TaskId, Naive> naive, Step.Renew s, TimeSpan now)
    {
        Naive? known = naive.GetValueOrDefault(new TaskId(Job, s.Task));
        if (known is null || known.Lease.Token < s.Token)
        {
            return LeaseAnswer.Unknown;
        }

        if (known.Lease.Token != s.Token || known.Lease.Holder != s.Holder)
        {
            return LeaseAnswer.Lost;
        }

        known.Deadline = now + known.Length;
        known.IsConfirmed = true;
        known.IsGraceUsed = false;
        known.Progress = s.Progress ?? known.Progress;
        return known.IsCancelRequested ? LeaseAnswer.CancelRequested : LeaseAnswer.Renewed;
    }

    private static void AssertSame(LeaseBook book, Dictionary<TaskId, Naive> naive)
    {
        Assert.Equal(naive.Count, book.Count);
        Assert.True(naive.Count == 0 || book.NextDeadline <= naive.Values.Min(n => n.Deadline));
        foreach (Holder holder in Holders)
        {
            WatchedLease[] expected =
            [
                .. naive.Where(n => n.Value.Lease.Holder == holder).OrderBy(n => n.Key.Index)
                    .Select(n => n.Value.Seen(n.Key)),
            ];
            Assert.Equal(expected.Length, book.CountOf(holder));
            Assert.Equal(expected, book.OfHolder(holder).OrderBy(l => l.Task.Index));
            Assert.All(expected, e => Assert.Equal(e, book.Find(e.Task)));
        }
    }

    private static Lease LeaseOf(long token, Holder holder) => new(token, 1, holder.Agent, holder.Session, Request);

    public abstract record Step
    {
        private Step() { }

        public sealed record Watch(int Task, long Token, int Seconds, bool IsCancelRequested, bool IsRestored) : Step
        {
            // A token belongs to one holder for ever.
            public Message.WatchLease Message => new(
                new TaskId(Job, Task),
                LeaseOf(Token, Holders[(int)((Task + Token) % Holders.Length)]),
                TimeSpan.FromSeconds(Seconds),
                IsCancelRequested);
        }

        public sealed record Renew(int Task, long Token, Holder Holder, string? Progress) : Step;

        public sealed record Forget(int Task, long Token) : Step;

        public sealed record TakeDue(int Limit) : Step;

        public sealed record GiveGrace : Step;

        public sealed record Wait(int Seconds) : Step;
    }

    private sealed class Naive(Lease lease, TimeSpan length)
    {
        public Lease Lease => lease;

        public TimeSpan Length => length;

        public TimeSpan Deadline { get; set; }

        public bool IsConfirmed { get; set; }

        public bool IsCancelRequested { get; set; }

        public bool IsGraceUsed { get; set; }

        public string? Progress { get; set; }

        public WatchedLease Seen(TaskId task) =>
            new(task, lease, Deadline, IsConfirmed, IsCancelRequested, Progress);
    }
}
