using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;

namespace Elasticity.Engine.Embedded.Core;

/// <summary>A new core is given every open stream of the store and takes up what was going on.</summary>
public sealed partial class EngineCore
{
    private bool _isRestoring;

    /// <summary>Gives the core an open job.</summary>
    /// <param name="id">The job.</param>
    /// <param name="state">The fold of its stream.</param>
    /// <param name="head">The head of its stream.</param>
    public void Restore(JobId id, JobState state, StreamHead head)
    {
        LiveJob job = new(id, state, head);
        _jobs.Add(id, job);
        CountKinds(job); // Also past the limit: it may have been greater, or there was none.
    }

    /// <summary>Gives the core an open task. Its job comes first.</summary>
    /// <param name="id">The task.</param>
    /// <param name="state">The fold of its stream.</param>
    /// <param name="head">The head of its stream.</param>
    public void Restore(TaskId id, TaskState state, StreamHead head)
    {
        LiveTask task = new(id, state, head);
        _tasks.Add(id, task);
        if (_jobs.TryGetValue(id.Job, out LiveJob? job))
        {
            job.Tasks.Add(id.Index, task);
        }
    }

    /// <summary>Gives the core an agent with a live session.</summary>
    /// <param name="id">The agent.</param>
    /// <param name="state">The fold of its stream.</param>
    /// <param name="head">The head of its stream.</param>
    public void Restore(AgentId id, AgentState state, StreamHead head) =>
        _agents.Add(id, new LiveAgent(id, state, head, TimeSpan.Zero));

    /// <summary>Ends the restoring: what is outstanding is taken up again. The first step.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="isFormerProcessDead">
    /// The former owner is known to be dead, because this process holds the lock on its data: agents that lived in it
    /// are dead too.
    /// </param>
    /// <param name="batch">Where to put what is to be done.</param>
    public void Begin(Instant now, bool isFormerProcessDead, CoreBatch batch)
    {
        _batch = batch;
        _now = now;
        _isRestoring = true;
        foreach (LiveAgent agent in _agents.Values.ToArray())
        {
            agent.SeenAt = now.Monotonic;
            CountOffer(agent.State, 1);
            if (isFormerProcessDead && agent.State.Offer!.IsInProcess)
            {
                Apply(agent, new AgentCommand.EndSession(now.Utc, agent.State.Session, "process-dead"));
            }
        }

        foreach (LiveTask task in _tasks.Values.ToArray())
        {
            if (task.State.Phase == TaskPhase.Leased)
            {
                QueueOf(task.State.Terms!.Kind).Leased++;
            }

            if (TaskDecider.Outstanding(task.Id, task.State) is { } message)
            {
                Send(task, message);
            }
        }

        Settle();
        foreach (JobId job in _jobs.Keys)
        {
            _sweeps.Enqueue((job, 0));
        }

        while (_sweeps.Count > 0)
        {
            Sweep();
        }

        _isRestoring = false;
        Finish();
    }
}
