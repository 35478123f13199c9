using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine.Embedded.Core;

public sealed partial class EngineCore
{
    private Rejection? Apply(LiveTask task, TaskCommand command)
    {
        Touch(task);
        Decision<TaskEvent> decision = TaskDecider.Decide(task.Id, task.State, command);
        bool wasLeased = task.State.Phase == TaskPhase.Leased;
        int shard = StreamNames.ShardOf(task.Id.Job.Value, _shardCount);
        foreach (TaskEvent e in decision.Events)
        {
            EventRecord record = EventCodec.Encode(task.Stream, task.Head, e, _metadata);
            _batch.Add(task.Stream, task.Head, shard, record);
            task.Head = new StreamHead(task.Head.Version + 1, record.Hash);
            task.State = TaskDecider.Evolve(task.State, e);
        }

        bool isLeased = task.State.Phase == TaskPhase.Leased;
        if (wasLeased != isLeased)
        {
            QueueOf(task.State.Terms!.Kind).Leased += isLeased ? 1 : -1;
        }

        foreach (Message message in decision.Messages)
        {
            Send(task, message);
        }

        return decision.Rejection;
    }

    private void Send(LiveTask task, Message message)
    {
        if (message is not Message.TaskEnded ended)
        {
            _mail.Enqueue(message);
        }
        else if (_jobs.TryGetValue(task.Id.Job, out LiveJob? job))
        {
            if (job.Told.Count == 0)
            {
                _tellers.Enqueue(job);
            }

            job.Told.Add(new OutcomeRecord(task.Id.Index, ended.Run, ended.Outcome, task.Head.Hash.ToString()));
        }
    }

    /// <summary>A task asks its agent to mind the lease: a session that is over has lost it.</summary>
    private void Watch(Message.WatchLease watch)
    {
        Domain.Agents.AgentState agent = _agents.TryGetValue(watch.Lease.Agent, out LiveAgent? live)
            ? live.State
            : Domain.Agents.AgentState.None;
        if (Domain.Agents.AgentDecider.WhyLost(agent, watch) is { } reason)
        {
            TakeBack(watch.Task, watch.Lease.Token, now => new TaskCommand.Lose(now, watch.Lease.Token, reason));
        }
        else
        {
            _leases.Watch(watch, _now.Monotonic, _isRestoring);
        }
    }

    private void TakeBackDueLeases()
    {
        foreach (Domain.Leases.DueLease due in _leases.TakeDue(_now.Monotonic, _options.TasksPerSweepStep))
        {
            TakeBack(due.Task, due.Token, now => due.IsConfirmed
                ? new TaskCommand.Expire(now, due.Token)
                : new TaskCommand.Lose(now, due.Token, "unconfirmed"));
        }

        Settle();
    }

    private void TakeBackLeasesOf(Message.SessionEnded ended)
    {
        foreach (Domain.Leases.WatchedLease lease in _leases.OfHolder(ended.Holder))
        {
            TakeBack(lease.Task, lease.Lease.Token, now => new TaskCommand.Lose(now, lease.Lease.Token, ended.Reason));
        }
    }

    private void TakeBack(TaskId task, long token, Func<DateTimeOffset, TaskCommand> command)
    {
        _leases.Forget(task, token);
        WithTask(task, t =>
        {
            bool isCurrent = t.State.Phase == TaskPhase.Leased && t.State.Token == token;
            Apply(t, command(_now.Utc));
            Counters.TakenBack += isCurrent ? 1 : 0;
        });
    }

    /// <summary>What a task offers that comes back while its job stops waits for nobody: it is told to stop
    /// next.</summary>
    private void Take(Message.Offer offer)
    {
        if (!_jobs.TryGetValue(offer.Job, out LiveJob? job) || !job.State.IsStopping)
        {
            QueueOf(offer.Kind).Ready.Add(offer, _now.Utc);
        }
    }

    private void Touch(LiveTask task)
    {
        if (_tasks.TryAdd(task.Id, task))
        {
            if (_jobs.TryGetValue(task.Id.Job, out LiveJob? job))
            {
                job.Tasks.TryAdd(task.Id.Index, task);
            }
            else
            {
                _orphans.Add(task);
            }
        }

        _touchedTasks.Add(task);
    }

    private void Leave(LiveTask task)
    {
        _batch.SetOpen(task.Stream, task.State.IsOpen);
        if (!task.State.IsOpen && !_held.Contains(task.Id)
            && _tasks.Remove(task.Id) && _jobs.TryGetValue(task.Id.Job, out LiveJob? job))
        {
            job.Tasks.Remove(task.Id.Index);
        }
    }
}
