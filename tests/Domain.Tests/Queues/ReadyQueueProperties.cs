using Elasticity.Domain.Queues;
using Elasticity.Domain.Tests.Support;
using FsCheck;
using FsCheck.Fluent;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Queues;

/// <summary>The queue against a list that is searched for the next task each time.</summary>
public class ReadyQueueProperties
{
    private static readonly Gen<JobId> Jobs = Gen.Elements(new JobId("a"), new JobId("b"), new JobId("c"));

    private static readonly Gen<Step[]> Steps = Gen.ArrayOf(Gen.Frequency(
        (8, from job in Jobs
            from count in Gen.Choose(1, 4)
            from priority in Gen.Choose(-1, 1)
            from delay in Gen.Elements<int?>(null, null, null, -1, 3, 9)
            select (Step)new Step.Offer(job, count, priority, delay)),
        (12, Gen.Constant((Step)new Step.Take())),
        (2, from job in Jobs from paused in Gen.Elements(true, false) select (Step)new Step.Pause(job, paused)),
        (1, from job in Jobs select (Step)new Step.Withdraw(job)),
        (2, from seconds in Gen.Choose(1, 5) select (Step)new Step.Wait(seconds))));

    [Fact]
    public void The_queue_does_what_the_list_does() => Always.Holds(
        Steps.Resize(120),
        steps =>
        {
            ReadyQueue queue = new();
            NaiveQueue naive = new();
            DateTimeOffset now = T0;
            int index = 0;
            foreach (Step step in steps)
            {
                switch (step)
                {
                    case Step.Offer s:
                        DateTimeOffset? notBefore = s.Delay is { } d ? now.AddSeconds(d) : null;
                        Message.Offer offer = new(s.Job, index, s.Count, 1, index, 0, Kind, s.Priority, notBefore);
                        index += s.Count;
                        queue.Add(offer, now);
                        naive.Add(offer, now);
                        break;
                    case Step.Take:
                        ReadyTask? expected = naive.Take();
                        Assert.Equal(expected is not null, queue.TryPeek(out ReadyTask seen));
                        Assert.Equal(expected is not null, queue.TryTake(out ReadyTask taken));
                        Assert.Equal(expected ?? default, taken);
                        Assert.Equal(taken, seen);
                        break;
                    case Step.Pause s:
                        queue.SetPaused(s.Job, s.IsPaused);
                        naive.SetPaused(s.Job, s.IsPaused);
                        break;
                    case Step.Withdraw s:
                        queue.Withdraw(s.Job);
                        naive.Withdraw(s.Job);
                        break;
                    case Step.Wait s:
                        now = now.AddSeconds(s.Seconds);
                        Assert.Equal(naive.Advance(now), queue.Advance(now));
                        break;
                }

                Assert.Equal(naive.ReadyCount, queue.ReadyCount);
                Assert.Equal(queue.Ahead().Count(), queue.FreeCount);
                Assert.Equal(naive.DelayedCount, queue.DelayedCount);
                Assert.Equal(naive.NextDue, queue.NextDue);
            }

            foreach (ReadyTask seen in queue.Ahead().ToArray())
            {
                Assert.True(queue.TryTake(out ReadyTask taken));
                Assert.Equal(taken, seen);
            }

            Assert.False(queue.TryTake(out _));
        },
        times: 300);

    public abstract record Step
    {
        private Step() { }

        public sealed record Offer(JobId Job, int Count, int Priority, int? Delay) : Step;

        public sealed record Take : Step;

        public sealed record Pause(JobId Job, bool IsPaused) : Step;

        public sealed record Withdraw(JobId Job) : Step;

        public sealed record Wait(int Seconds) : Step;
    }

    /// <summary>Lists, no cleverness. A job's place in the turn is when it last had, or began to wait for, its
    /// turn.</summary>
    private sealed class NaiveQueue
    {
        private readonly List<(JobId Job, int Priority, ReadyTask Task)> _ready = [];
        private readonly List<(DateTimeOffset Due, Message.Offer Offer)> _delayed = [];
        private readonly HashSet<JobId> _paused = [];
        private readonly Dictionary<(JobId Job, int Priority), int> _turns = [];
        private int _clock;

        public int ReadyCount => _ready.Count;

        public int DelayedCount => _delayed.Sum(d => d.Offer.Count);

        public DateTimeOffset? NextDue => _delayed.Count == 0 ? null : _delayed.Min(d => d.Due);

        public void Add(Message.Offer offer, DateTimeOffset now)
        {
            if (offer.NotBefore > now)
            {
                _delayed.Add((offer.NotBefore.Value, offer));
                return;
            }

            for (int i = 0; i < offer.Count; i++)
            {
                ReadyTask task = new(new TaskId(offer.Job, offer.First + i), offer.Run, offer.Token);
                _ready.Add((offer.Job, offer.Priority, task));
            }

            _turns.TryAdd((offer.Job, offer.Priority), _clock++);
        }

        public ReadyTask? Take()
        {
            var next = _ready.Where(r => !_paused.Contains(r.Job))
                .OrderByDescending(r => r.Priority).ThenBy(r => _turns[(r.Job, r.Priority)]).Take(1).ToArray();
            if (next is not [var found])
            {
                return null;
            }

            _ready.Remove(found);
            _turns[(found.Job, found.Priority)] = _clock++;
            ForgetTurns();
            return found.Task;
        }

        public void SetPaused(JobId job, bool isPaused)
        {
            if (isPaused)
            {
                _paused.Add(job);
            }
            else if (_paused.Remove(job))
            {
                foreach ((JobId Job, int Priority) turn in _turns.Keys.Where(k => k.Job == job).ToArray())
                {
                    _turns[turn] = _clock++;
                }
            }
        }

        public void Withdraw(JobId job)
        {
            _paused.Remove(job);
            _ready.RemoveAll(r => r.Job == job);
            _delayed.RemoveAll(d => d.Offer.Job == job);
            ForgetTurns();
        }

        public bool Advance(DateTimeOffset now)
        {
            var due = _delayed.Where(d => d.Due <= now).OrderBy(d => d.Due).ToArray();
            foreach (var d in due)
            {
                _delayed.Remove(d);
                Add(d.Offer, now);
            }

            return due.Length > 0;
        }

        // A job without ready tasks of a priority waits for no turn there.
        private void ForgetTurns()
        {
            foreach ((JobId Job, int Priority) turn in _turns.Keys.ToArray())
            {
                if (!_ready.Any(r => r.Job == turn.Job && r.Priority == turn.Priority))
                {
                    _turns.Remove(turn);
                }
            }
        }
    }
}
