using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine.Embedded;

/// <summary>Folds streams to states.</summary>
internal sealed class Loader(IEventStore store)
{
    /// <summary>Events a page: a chunk of tasks has up to a megabyte.</summary>
    private const int PageLength = 64;

    /// <summary>Streams a page.</summary>
    private const int StreamsPerPage = 1_000;

    /// <summary>Folds a job, or its tombstone. Payloads stay in the store.</summary>
    public async ValueTask<(JobState State, StreamHead Head)> JobAsync(
        JobId id, long versionMax, CancellationToken cancellationToken)
    {
        (JobState State, StreamHead Head) job = await FoldJobAsync(StreamNames.Of(id), versionMax, cancellationToken)
            .ConfigureAwait(false);
        if (job.State.Phase != JobPhase.None)
        {
            return job;
        }

        (JobState trimmed, _) = await FoldJobAsync(StreamNames.TombstoneOf(id), versionMax, cancellationToken)
            .ConfigureAwait(false);
        return (trimmed, StreamHead.None);
    }

    private ValueTask<(JobState State, StreamHead Head)> FoldJobAsync(
        StreamId stream, long versionMax, CancellationToken cancellationToken) =>
        FoldAsync(
            stream,
            JobState.None,
            versionMax,
            withAttachments: false,
            static (state, record) => JobDecider.Evolve(state, EventCodec.Default.DecodeJob(record)),
            cancellationToken);

    /// <summary>Folds a task, results included.</summary>
    public async ValueTask<(TaskState State, StreamHead Head)> TaskAsync(
        TaskId id, long versionMax, CancellationToken cancellationToken) =>
        await FoldAsync(
            StreamNames.Of(id),
            TaskState.Untouched,
            versionMax,
            withAttachments: true,
            static (state, record) => TaskDecider.Evolve(state, EventCodec.Default.DecodeTask(record)),
            cancellationToken).ConfigureAwait(false);

    /// <summary>Folds an agent.</summary>
    public async ValueTask<(AgentState State, StreamHead Head)> AgentAsync(
        AgentId id, CancellationToken cancellationToken) =>
        await FoldAsync(
            StreamNames.Of(id),
            AgentState.None,
            long.MaxValue,
            withAttachments: false,
            static (state, record) => AgentDecider.Evolve(state, EventCodec.Default.DecodeAgent(record)),
            cancellationToken).ConfigureAwait(false);

    /// <summary>Reads the tasks of a chunk, payloads included.</summary>
    public async ValueTask<JobEvent.TasksAdded> ChunkAsync(JobId id, long version, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredEvent> page = await store
            .ReadStreamAsync(StreamNames.Of(id), version, 1, withAttachments: true, cancellationToken)
                .ConfigureAwait(false);
        return page.Count == 1 && EventCodec.Default.DecodeJob(page[0].Record) is JobEvent.TasksAdded added
            ? added
            : throw new EventStoreException(
                "store-corrupt", $"Version {version} of job {id} should hold tasks, and does not.", isTransient: false);
    }

    /// <summary>Answers what the core wants to know.</summary>
    public async ValueTask<CoreInput> LoadAsync(CoreLoad load, CancellationToken cancellationToken)
    {
        switch (load)
        {
            case CoreLoad.Job l:
                (JobState job, StreamHead jobHead) = await JobAsync(l.Id, long.MaxValue, cancellationToken)
                    .ConfigureAwait(false);
                return new CoreInput.JobLoaded(l.Id, job, jobHead);
            case CoreLoad.Task l:
                (TaskState task, StreamHead taskHead) =
                    await TaskAsync(l.Id, long.MaxValue, cancellationToken).ConfigureAwait(false);
                return new CoreInput.TaskLoaded(l.Id, task, taskHead);
            case CoreLoad.Agent l:
                (AgentState agent, StreamHead agentHead) = await AgentAsync(l.Id, cancellationToken)
                    .ConfigureAwait(false);
                return new CoreInput.AgentLoaded(l.Id, agent, agentHead);
            case CoreLoad.Chunk l:
                JobEvent.TasksAdded chunk = await ChunkAsync(l.Id, l.Version, cancellationToken).ConfigureAwait(false);
                return new CoreInput.ChunkLoaded(l, Window(chunk, l));
            default:
                throw new System.Diagnostics.UnreachableException($"Unknown load {load.GetType().Name}.");
        }
    }

    /// <summary>The part of a chunk that is wanted, in memory of its own: a slice would keep the whole chunk
    /// alive.</summary>
    private static ImmutableArray<TaskSpec> Window(JobEvent.TasksAdded chunk, CoreLoad.Chunk load)
    {
        ImmutableArray<TaskSpec>.Builder window = ImmutableArray.CreateBuilder<TaskSpec>();
        long bytes = 0;
        for (int i = load.First - chunk.First; i < chunk.Tasks.Length; i++)
        {
            TaskSpec task = chunk.Tasks[i];
            bytes += ChunkCache.SizeOf(task);
            if (bytes > load.BytesMax && window.Count > 0)
            {
                break;
            }

            window.Add(task with { Payload = new Payload(task.Payload.Bytes.ToArray()) });
        }

        return window.DrainToImmutable();
    }

    /// <summary>Gives a core every open stream.</summary>
    public async ValueTask RestoreAsync(EngineCore core, CancellationToken cancellationToken)
    {
        await foreach (StreamId stream in OpenAsync(StreamNames.AgentPrefix, cancellationToken).ConfigureAwait(false))
        {
            AgentId id = new(stream.Value[StreamNames.AgentPrefix.Length..]);
            (AgentState state, StreamHead head) = await AgentAsync(id, cancellationToken).ConfigureAwait(false);
            core.Restore(id, state, head);
        }

        await foreach (StreamId stream in OpenAsync(StreamNames.JobPrefix, cancellationToken).ConfigureAwait(false))
        {
            JobId id = new(stream.Value[StreamNames.JobPrefix.Length..]);
            (JobState state, StreamHead head) = await JobAsync(id, long.MaxValue, cancellationToken)
                .ConfigureAwait(false);
            core.Restore(id, state, head);
        }

        await foreach (StreamId stream in OpenAsync(StreamNames.TaskPrefix, cancellationToken).ConfigureAwait(false))
        {
            if (StreamNames.TryParseTask(stream, out TaskId? id))
            {
                (TaskState state, StreamHead head) =
                    await TaskAsync(id.Value, long.MaxValue, cancellationToken).ConfigureAwait(false);
                core.Restore(id.Value, state, head);
            }
        }
    }

    private async IAsyncEnumerable<StreamId> OpenAsync(
        string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        StreamId? after = null;
        while (true)
        {
            IReadOnlyList<StreamInfo> page = await store
                .ListOpenAsync(null, prefix, after, StreamsPerPage, cancellationToken).ConfigureAwait(false);
            foreach (StreamInfo info in page)
            {
                yield return info.Stream;
            }

            if (page.Count < StreamsPerPage)
            {
                yield break;
            }

            after = page[^1].Stream;
        }
    }

    private async ValueTask<(TState State, StreamHead Head)> FoldAsync<TState>(
        StreamId stream,
        TState state,
        long versionMax,
        bool withAttachments,
        Func<TState, EventRecord, TState> evolve,
        CancellationToken cancellationToken)
    {
        StreamHead head = StreamHead.None;
        while (head.Version < versionMax)
        {
            IReadOnlyList<StoredEvent> page = await store
                .ReadStreamAsync(stream, head.Version + 1, PageLength, withAttachments, cancellationToken)
                .ConfigureAwait(false);
            foreach (StoredEvent e in page)
            {
                if (e.Version > versionMax)
                {
                    return (state, head);
                }

                state = evolve(state, e.Record);
                head = new StreamHead(e.Version, e.Record.Hash);
            }

            if (page.Count == 0)
            {
                break;
            }
        }

        return (state, head);
    }
}
