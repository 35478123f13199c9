namespace Elasticity.Domain.Queues;

/// <summary>
/// The tasks of one kind that wait to be leased, in the order in which they will be. Not stored: it is rebuilt from
/// what jobs and tasks offer. Not thread-safe; deterministic.
/// </summary>
/// <remarks>
/// Greater priority first; inside a priority the jobs take turns, one task a turn, so that a job of a million tasks
/// does not starve a job of one; inside a job first ready, first out. A million tasks offered as one range cost one
/// entry.
/// </remarks>
public sealed class ReadyQueue
{
    private readonly SortedDictionary<int, Lane> _lanes = new(Comparer<int>.Create((a, b) => b.CompareTo(a)));
    private readonly DelayedOffers _later = new();
    private readonly HashSet<JobId> _paused = [];

    /// <summary>How many tasks are ready, those of paused jobs among them.</summary>
    public int ReadyCount { get; private set; }

    /// <summary>How many of them may be leased now: those of paused jobs are not among them.</summary>
    public int FreeCount { get; private set; }

    /// <summary>How many tasks wait for their not-before or the end of their back-off.</summary>
    public int DelayedCount => _later.TaskCount;

    /// <summary>When the next delayed task becomes ready, UTC; null when none is delayed.</summary>
    public DateTimeOffset? NextDue => _later.NextDue;

    /// <summary>Takes an offer in.</summary>
    /// <param name="offer">The tasks.</param>
    /// <param name="now">UTC; an offer with a later not-before waits until then.</param>
    public void Add(Message.Offer offer, DateTimeOffset now)
    {
        if (offer.NotBefore > now)
        {
            _later.Add(offer, offer.NotBefore.Value);
            return;
        }

        AddReady(offer);
    }

    /// <summary>Makes ready what is due.</summary>
    /// <param name="now">UTC.</param>
    /// <returns>Whether anything became ready.</returns>
    public bool Advance(DateTimeOffset now)
    {
        bool isAny = false;
        while (_later.TryTakeDue(now, out Message.Offer offer))
        {
            AddReady(offer);
            isAny = true;
        }

        return isAny;
    }

    /// <summary>Takes the next task out.</summary>
    /// <param name="task">The task and its run.</param>
    /// <returns>False when nothing may be leased now.</returns>
    public bool TryTake(out ReadyTask task)
    {
        foreach (Lane lane in _lanes.Values)
        {
            if (lane.TryTake(out task))
            {
                ReadyCount--;
                FreeCount--;
                return true;
            }
        }

        task = default;
        return false;
    }

    /// <summary>Looks at the next task without taking it.</summary>
    /// <param name="task">The task and its run.</param>
    /// <returns>False when nothing may be leased now.</returns>
    public bool TryPeek(out ReadyTask task)
    {
        foreach (Lane lane in _lanes.Values)
        {
            if (lane.TryPeek(out task))
            {
                return true;
            }
        }

        task = default;
        return false;
    }

    /// <summary>Looks at the tasks that <see cref="TryTake"/> would give one after the other, without taking
    /// any.</summary>
    /// <returns>The tasks in that order. The queue must not be changed while they are looked at.</returns>
    public IEnumerable<ReadyTask> Ahead() => _lanes.Values.SelectMany(l => l.Ahead());

    /// <summary>Holds back, or hands out again, the tasks of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="isPaused">True holds back.</param>
    public void SetPaused(JobId job, bool isPaused)
    {
        if (isPaused ? _paused.Add(job) : _paused.Remove(job))
        {
            foreach (Lane lane in _lanes.Values)
            {
                int concerned = lane.SetPaused(job, isPaused);
                FreeCount += isPaused ? -concerned : concerned;
            }
        }
    }

    /// <summary>Forgets the tasks of a job, ready and delayed ones, and its pause.</summary>
    /// <param name="job">The job.</param>
    public void Withdraw(JobId job)
    {
        bool wasPaused = _paused.Remove(job);
        _later.Withdraw(job);
        foreach (Lane lane in _lanes.Values)
        {
            int gone = lane.Withdraw(job);
            ReadyCount -= gone;
            FreeCount -= wasPaused ? 0 : gone;
        }
    }

    private void AddReady(Message.Offer offer)
    {
        if (!_lanes.TryGetValue(offer.Priority, out Lane? lane))
        {
            _lanes.Add(offer.Priority, lane = new Lane());
        }

        bool isPaused = _paused.Contains(offer.Job);
        lane.Add(offer, isPaused);
        ReadyCount += offer.Count;
        FreeCount += isPaused ? 0 : offer.Count;
    }

    /// <summary>The jobs of one priority, in a ring.</summary>
    private sealed class Lane
    {
        private readonly Dictionary<JobId, Backlog> _backlogs = [];
        private readonly LinkedList<Backlog> _turns = new();

        public void Add(Message.Offer offer, bool isPaused)
        {
            if (!_backlogs.TryGetValue(offer.Job, out Backlog? backlog))
            {
                _backlogs.Add(offer.Job, backlog = new Backlog(offer.Job) { IsPaused = isPaused });
            }

            backlog.Add(offer);
            if (backlog is { Turn: null, IsPaused: false })
            {
                backlog.Turn = _turns.AddLast(backlog);
            }
        }

        public bool TryTake(out ReadyTask task)
        {
            if (_turns.First is not { } turn)
            {
                task = default;
                return false;
            }

            Backlog backlog = turn.Value;
            task = backlog.Take();
            _turns.RemoveFirst();
            if (backlog.IsEmpty)
            {
                backlog.Turn = null;
                _backlogs.Remove(backlog.Job);
            }
            else
            {
                _turns.AddLast(turn);
            }

            return true;
        }

        public bool TryPeek(out ReadyTask task)
        {
            task = _turns.First is { } turn ? turn.Value.Peek() : default;
            return _turns.First is not null;
        }

        public IEnumerable<ReadyTask> Ahead()
        {
            List<IEnumerator<ReadyTask>> inTurn = [];
            foreach (Backlog backlog in _turns)
            {
                IEnumerator<ReadyTask> tasks = backlog.Ahead().GetEnumerator();
                tasks.MoveNext(); // A job without ready tasks has no turn.
                yield return tasks.Current;
                inTurn.Add(tasks);
            }

            while (inTurn.Count > 0)
            {
                List<IEnumerator<ReadyTask>> stillInTurn = [];
                foreach (IEnumerator<ReadyTask> tasks in inTurn.Where(t => t.MoveNext()))
                {
                    yield return tasks.Current;
                    stillInTurn.Add(tasks);
                }

                inTurn = stillInTurn;
            }
        }

        /// <returns>How many tasks it concerns.</returns>
        public int SetPaused(JobId job, bool isPaused)
        {
            if (!_backlogs.TryGetValue(job, out Backlog? backlog))
            {
                return 0;
            }

            // It is another word than the last one, and a job has a turn just when it is not paused.
            backlog.IsPaused = isPaused;
            if (isPaused)
            {
                _turns.Remove(backlog.Turn!);
                backlog.Turn = null;
            }
            else
            {
                backlog.Turn = _turns.AddLast(backlog);
            }

            return backlog.Count;
        }

        public int Withdraw(JobId job)
        {
            if (!_backlogs.Remove(job, out Backlog? backlog))
            {
                return 0;
            }

            if (backlog.Turn is { } turn)
            {
                _turns.Remove(turn);
            }

            return backlog.Count;
        }
    }

    /// <summary>The ready tasks of one job at one priority: ranges, first ready, first out.</summary>
    private sealed class Backlog(JobId job)
    {
        private readonly Queue<Message.Offer> _ranges = new();
        private int _taken; // of the first range

        public JobId Job => job;

        public bool IsPaused { get; set; }

        public LinkedListNode<Backlog>? Turn { get; set; }

        public int Count { get; private set; }

        public bool IsEmpty => Count == 0;

        public void Add(Message.Offer offer)
        {
            _ranges.Enqueue(offer);
            Count += offer.Count;
        }

        public ReadyTask Peek()
        {
            Message.Offer range = _ranges.Peek();
            return new ReadyTask(new TaskId(job, range.First + _taken), range.Run, range.Token);
        }

        public IEnumerable<ReadyTask> Ahead()
        {
            int taken = _taken;
            foreach (Message.Offer range in _ranges)
            {
                for (int i = taken; i < range.Count; i++)
                {
                    yield return new ReadyTask(new TaskId(job, range.First + i), range.Run, range.Token);
                }

                taken = 0;
            }
        }

        public ReadyTask Take()
        {
            ReadyTask task = Peek();
            Count--;
            if (++_taken == _ranges.Peek().Count)
            {
                _ranges.Dequeue();
                _taken = 0;
            }

            return task;
        }
    }
}

/// <summary>A task that may be leased.</summary>
/// <param name="Task">Which.</param>
/// <param name="Run">The run that was offered.</param>
/// <param name="Token">That of the lease before, which is over; 0 when its job offered it.</param>
public readonly record struct ReadyTask(TaskId Task, int Run, long Token);
