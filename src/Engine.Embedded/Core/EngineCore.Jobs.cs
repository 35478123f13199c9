using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine.Embedded.Core;

public sealed partial class EngineCore
{
    private readonly Queue<(JobId Job, int Cursor)> _sweeps = new();
    private readonly Queue<StopOfTasks> _stops = new();
    private readonly Queue<LiveJob> _tellers = new();

    private void TakeJobCommands(CoreInput.ForJob input) => WithJob(input.Job, job =>
    {
        if (job.State.Phase == JobPhase.None && input.Commands is [JobCommand.Open, ..] && IsFull)
        {
            _batch.Answer(input.Caller, new JobAnswer(null, new SubmitProgress(0, false), false, new Rejection(
                RejectionCode.LimitExceeded,
                    $"There are {_options.OpenJobsMax} unended jobs: wait until some have ended.")));
            return;
        }

        if ((ReservedProblem(job, input.Commands) ?? KindsProblem(KindsOf(job.State, input.Commands))) is { } problem)
        {
            _batch.Answer(input.Caller, new JobAnswer(null, new SubmitProgress(0, false), false, problem));
            return;
        }

        _metadata = input.Metadata;
        bool wasKnown = job.State.SealedAt is not null;
        Rejection? rejection = null;
        foreach (JobCommand command in input.Commands)
        {
            rejection = Apply(job, command with { Now = _now.Utc });
            if (rejection is not null)
            {
                break;
            }
        }

        JobState state = job.State;
        _batch.Answer(input.Caller, new JobAnswer(
            state.Phase == JobPhase.None ? null : JobSummary.Of(job.Id, state),
            new SubmitProgress(state.TasksAdded, state.SealedAt is not null),
            wasKnown,
            rejection));
    });

    /// <summary>Jobs that have ended, or never began, are in memory too while a step concerns them.</summary>
    private bool IsFull => _jobs.Count > _options.OpenJobsMax
        && _jobs.Count - _touchedJobs.Count(j => !j.State.IsOpen) >= _options.OpenJobsMax;

    private Rejection? Apply(LiveJob job, JobCommand command)
    {
        Touch(job);
        Decision<JobEvent> decision = JobDecider.Decide(job.Id, job.State, command, _options.Limits);
        int shard = StreamNames.ShardOf(job.Id.Value, _shardCount);
        foreach (JobEvent e in decision.Events)
        {
            EventRecord record = EventCodec.Encode(job.Stream, job.Head, e, _metadata);
            _batch.Add(job.Stream, job.Head, shard, record);
            job.Head = new StreamHead(job.Head.Version + 1, record.Hash);
            job.State = JobDecider.Evolve(job.State, e);
            if (e is JobEvent.TasksAdded added)
            {
                _chunks.AddIfRoom(job.Id, job.State.Version, added.First, added.Tasks);
            }
        }

        CountKinds(job);
        foreach (Message message in decision.Messages)
        {
            Send(job, message);
        }

        if (decision.Sweep)
        {
            _sweeps.Enqueue((job.Id, 0));
        }

        return decision.Rejection;
    }

    /// <summary>A job's offer leaves out those of its tasks that are leased or back off: they offer
    /// themselves.</summary>
    private void Send(LiveJob job, Message message)
    {
        if (message is not Message.Offer offer || job.Tasks.Count == 0)
        {
            _mail.Enqueue(message);
            return;
        }

        int end = offer.First + offer.Count;
        IEnumerable<int> candidates = offer.Count < job.Tasks.Count
            ? Enumerable.Range(offer.First, offer.Count).Where(job.Tasks.ContainsKey)
            : job.Tasks.Keys.Where(i => i >= offer.First && i < end).Order();
        foreach (Message.Offer part in offer.Without(candidates.Where(i => job.Tasks[i].State.IsOpen)))
        {
            _mail.Enqueue(part);
        }
    }

    /// <summary>Does a bounded part of what concerns many tasks: starting a job, stopping it.</summary>
    private void Sweep()
    {
        for (int pages = 0; pages < _options.PagesPerSweepStep
            && _sweeps.TryDequeue(out (JobId Job, int Cursor) sweep); pages++)
        {
            if (!_jobs.TryGetValue(sweep.Job, out LiveJob? job))
            {
                continue; // It ended meanwhile.
            }

            (ImmutableArray<Message> messages, int? next) = JobDecider.Outstanding(sweep.Job, job.State, sweep.Cursor);
            foreach (Message message in messages)
            {
                Send(job, message);
            }

            if (next is { } cursor)
            {
                _sweeps.Enqueue((sweep.Job, cursor));
            }
        }

        Settle();
        StopSome();
    }

    /// <summary>Whether so much is being loaded that what concerns many tasks waits until some of it has
    /// come.</summary>
    private bool IsLoadingMuch => _parked.Count >= _options.TasksPerSweepStep;

    /// <summary>Tells a bounded number of tasks that they are cancelled or skipped.</summary>
    private void StopSome()
    {
        int budget = _options.TasksPerSweepStep;
        while (budget > 0 && !IsLoadingMuch && _stops.TryDequeue(out StopOfTasks stop))
        {
            int count = 0;
            for (int i = 0; i < Math.Min(budget, stop.Count) && !IsLoadingMuch; i++, count++)
            {
                WithTask(new TaskId(stop.Job, stop.First + i), t => Apply(t, stop.Command(_now.Utc)));
            }

            budget -= count;
            if (count < stop.Count)
            {
                _stops.Enqueue(stop with { First = stop.First + count, Count = stop.Count - count });
            }
        }
    }

    /// <summary>Jobs record what their tasks told, many at once, until nothing new follows.</summary>
    /// <returns>Whether there was anything.</returns>
    private bool RecordOutcomes()
    {
        bool isAny = false;
        while (_tellers.TryDequeue(out LiveJob? job))
        {
            isAny = true;
            JobCommand record = new JobCommand.RecordOutcomes(_now.Utc, [.. job.Told]);
            job.Told.Clear();
            Apply(job, record);
            Settle();
        }

        return isAny;
    }

    private void Touch(LiveJob job)
    {
        if (_jobs.TryAdd(job.Id, job) && _orphans.Count > 0)
        {
            foreach (LiveTask task in _orphans.Where(t => t.Id.Job == job.Id))
            {
                job.Tasks.TryAdd(task.Id.Index, task);
            }
        }

        _touchedJobs.Add(job);
    }

    private void Leave(LiveJob job)
    {
        JobState state = job.State;
        if (_batch.SetOpen(job.Stream, state.IsOpen))
        {
            _batch.Show(JobRows.Of(job.Id, state));
        }

        if (!state.IsOpen)
        {
            _jobs.Remove(job.Id);
            _chunks.Forget(job.Id, state.Chunks);
            Withdraw(job.Id);
        }
    }

    /// <summary>Tasks that follow one another and are to be stopped alike; there may be a million of them.</summary>
    private readonly record struct StopOfTasks(
        JobId Job, int First, int Count, Func<DateTimeOffset, Domain.Tasks.TaskCommand> Command);
}
