using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;

namespace Elasticity.Engine.Embedded.Core;

/// <summary>Commands that concern something not in memory wait here until it is loaded.</summary>
public sealed partial class EngineCore
{
    private readonly Dictionary<CoreLoad, List<Action>> _parked = [];

    /// <summary>How many loads are under way.</summary>
    public int LoadCount => _parked.Count;

    private void WithJob(JobId id, Action<LiveJob> action)
    {
        if (_jobs.TryGetValue(id, out LiveJob? job))
        {
            action(job);
            return;
        }

        // The store is not asked for what cannot exist: some cannot even be asked.
        if (!Identifier.IsValid(id.Value))
        {
            action(new LiveJob(id, JobState.None, StreamHead.None));
            return;
        }

        WhenLoaded(new CoreLoad.Job(id), () => action(_jobs[id]));
    }

    private void WithAgent(AgentId id, Action<LiveAgent> action)
    {
        if (_agents.TryGetValue(id, out LiveAgent? agent))
        {
            action(agent);
            return;
        }

        if (!Identifier.IsValid(id.Value))
        {
            action(new LiveAgent(id, AgentState.None, StreamHead.None, _now.Monotonic));
            return;
        }

        WhenLoaded(new CoreLoad.Agent(id), () => action(_agents[id]));
    }

    private void WithTask(TaskId id, Action<LiveTask> action)
    {
        if (_tasks.TryGetValue(id, out LiveTask? task))
        {
            action(task);
        }
        else if (IsUntouched(id) || !Identifier.IsValid(id.Job.Value) || id.Index < 0)
        {
            action(new LiveTask(id, TaskState.Untouched, StreamHead.None));
        }
        else
        {
            WhenLoaded(new CoreLoad.Task(id), () => action(_tasks[id]));
        }
    }

    /// <summary>
    /// Whether a task that is not in memory has no stream: open streams are all in memory, and outcomes are stored
    /// together with what they
    /// are told by, so a task in its first run that has no outcome was never touched.
    /// </summary>
    private bool IsUntouched(TaskId id) => !IsLoading(id)
        && _jobs.TryGetValue(id.Job, out LiveJob? job)
        && job.State.SealedAt is not null
        && !job.State.IsTrimmed
        && id.Index >= 0 && id.Index < job.State.TaskCount
        && job.State.RunOf(id.Index) == 1
        && job.State.Status[id.Index] < JobTaskStatus.Succeeded;

    /// <summary>Whether somebody asked for a task before its job was there: what is under way is what the task was
    /// then, so nobody may change it before that has arrived.</summary>
    private bool IsLoading(TaskId id) => _parked.Count > 0 && _parked.ContainsKey(new CoreLoad.Task(id));

    private void WhenLoaded(CoreLoad load, Action then)
    {
        if (_parked.TryGetValue(load, out List<Action>? waiting))
        {
            waiting.Add(then);
            return;
        }

        _parked.Add(load, [then]);
        _batch.Load(load);
    }

    private void Arrive(CoreInput.JobLoaded loaded)
    {
        if (!_jobs.ContainsKey(loaded.Job))
        {
            Touch(new LiveJob(loaded.Job, loaded.State, loaded.Head));
        }

        GoOn(new CoreLoad.Job(loaded.Job));
    }

    private void Arrive(CoreInput.TaskLoaded loaded)
    {
        if (!_tasks.ContainsKey(loaded.Task))
        {
            Touch(new LiveTask(loaded.Task, loaded.State, loaded.Head));
        }

        GoOn(new CoreLoad.Task(loaded.Task));
    }

    private void Arrive(CoreInput.AgentLoaded loaded)
    {
        if (!_agents.ContainsKey(loaded.Agent))
        {
            Touch(new LiveAgent(loaded.Agent, loaded.State, loaded.Head, _now.Monotonic));
        }

        GoOn(new CoreLoad.Agent(loaded.Agent));
    }

    private void Arrive(CoreInput.ChunkLoaded loaded)
    {
        _chunks.Add(loaded.Load.Id, loaded.Load.Version, loaded.Load.First, loaded.Tasks);
        GoOn(loaded.Load);
    }

    private void GoOn(CoreLoad load)
    {
        if (_parked.Remove(load, out List<Action>? waiting))
        {
            foreach (Action action in waiting)
            {
                action();
                Settle();
            }
        }
    }
}
