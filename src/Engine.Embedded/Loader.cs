using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;

namespace Elasticity.Engine.Embedded;

/// <summary>Reads for the core.</summary>
internal sealed class Loader(IEventStore store)
{
    /// <summary>Folds streams.</summary>
    public StateReader States { get; } = new(store);

    /// <summary>Answers what the core wants to know.</summary>
    public async ValueTask<CoreInput> LoadAsync(CoreLoad load, CancellationToken cancellationToken)
    {
        switch (load)
        {
            case CoreLoad.Job l:
                (JobState job, StreamHead jobHead) = await States.JobAsync(l.Id, long.MaxValue, cancellationToken)
                    .ConfigureAwait(false);
                return new CoreInput.JobLoaded(l.Id, job, jobHead);
            case CoreLoad.Task l:
                (TaskState task, StreamHead taskHead) =
                    await States.TaskAsync(l.Id, long.MaxValue, cancellationToken).ConfigureAwait(false);
                return new CoreInput.TaskLoaded(l.Id, task, taskHead);
            case CoreLoad.Agent l:
                (AgentState agent, StreamHead agentHead) = await States.AgentAsync(l.Id, cancellationToken)
                    .ConfigureAwait(false);
                return new CoreInput.AgentLoaded(l.Id, agent, agentHead);
            case CoreLoad.Chunk l:
                JobEvent.TasksAdded chunk = await States.ChunkAsync(l.Id, l.Version, cancellationToken)
                    .ConfigureAwait(false);
                return new CoreInput.ChunkLoaded(l, ChunkCache.WindowOf(chunk, l.First, l.BytesMax));
            default:
                throw new System.Diagnostics.UnreachableException($"Unknown load {load.GetType().Name}.");
        }
    }

    /// <summary>Gives a core every open stream.</summary>
    public async ValueTask RestoreAsync(EngineCore core, CancellationToken cancellationToken)
    {
        await foreach ((AgentId id, AgentState state, StreamHead head) in States.OpenAgentsAsync(cancellationToken)
            .ConfigureAwait(false))
        {
            core.Restore(id, state, head);
        }

        await foreach ((JobId id, JobState state, StreamHead head) in States.OpenJobsAsync(cancellationToken)
            .ConfigureAwait(false))
        {
            core.Restore(id, state, head);
        }

        await foreach ((TaskId id, TaskState state, StreamHead head) in States.OpenTasksAsync(cancellationToken)
            .ConfigureAwait(false))
        {
            core.Restore(id, state, head);
        }
    }
}
