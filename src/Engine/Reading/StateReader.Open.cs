using System.Runtime.CompilerServices;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine;

/// <summary>Many streams at once: what a restart and a takeover wait for.</summary>
public sealed partial class StateReader
{
    /// <summary>Events of each stream that are read together with those of others. Nearly every job and task has
    /// fewer; the others are read on, one after the other.</summary>
    private const int EventsTogether = 16;

    /// <summary>Folds all open jobs.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The jobs in the order of their streams' names, with the heads of the streams.</returns>
    public IAsyncEnumerable<(JobId Id, JobState State, StreamHead Head)> OpenJobsAsync(
        CancellationToken cancellationToken) =>
        FoldOpenAsync(
            StreamNames.JobPrefix,
            static stream => (JobId?)new JobId(stream.Value[StreamNames.JobPrefix.Length..]),
            JobState.None,
            withAttachments: false,
            EvolveJob,
            FoldJobAsync,
            cancellationToken);

    /// <summary>Folds all open tasks, results included.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The tasks in the order of their streams' names, with the heads of the streams.</returns>
    public IAsyncEnumerable<(TaskId Id, TaskState State, StreamHead Head)> OpenTasksAsync(
        CancellationToken cancellationToken) =>
        FoldOpenAsync(
            StreamNames.TaskPrefix,
            static stream => StreamNames.TryParseTask(stream, out TaskId? id) ? id : null,
            TaskState.Untouched,
            withAttachments: true,
            EvolveTask,
            foldOn: null,
            cancellationToken);

    /// <summary>Folds all agents with a live session.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The agents in the order of their streams' names, with the heads of the streams.</returns>
    public IAsyncEnumerable<(AgentId Id, AgentState State, StreamHead Head)> OpenAgentsAsync(
        CancellationToken cancellationToken) =>
        FoldOpenAsync(
            StreamNames.AgentPrefix,
            static stream => (AgentId?)new AgentId(stream.Value[StreamNames.AgentPrefix.Length..]),
            AgentState.None,
            withAttachments: false,
            EvolveAgent,
            foldOn: null,
            cancellationToken);

    /// <summary>Folds the jobs of one page of streams, or their tombstones.</summary>
    /// <param name="streams">Streams of jobs, as listed.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The states, in the order of the streams.</returns>
    public async ValueTask<IReadOnlyList<JobState>> JobsAsync(
        IReadOnlyList<StreamInfo> streams, CancellationToken cancellationToken)
    {
        List<JobState> states = new(streams.Count);
        await foreach ((JobState state, _) in FoldManyAsync(
            streams, JobState.None, withAttachments: false, EvolveJob, FoldJobAsync, cancellationToken)
            .ConfigureAwait(false))
        {
            states.Add(state);
        }

        return states;
    }

    /// <summary>Folds tasks, results included.</summary>
    /// <param name="streams">Streams of tasks, as listed.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The states and the heads of the streams, in the order of the streams.</returns>
    public IAsyncEnumerable<(TaskState State, StreamHead Head)> TasksAsync(
        IReadOnlyList<StreamInfo> streams, CancellationToken cancellationToken) =>
        FoldManyAsync(streams, TaskState.Untouched, withAttachments: true, EvolveTask, foldOn: null, cancellationToken);

    private async IAsyncEnumerable<(TId Id, TState State, StreamHead Head)> FoldOpenAsync<TId, TState>(
        string prefix,
        Func<StreamId, TId?> parse,
        TState none,
        bool withAttachments,
        Func<TState, EventRecord, TState> evolve,
        FoldOn<TState>? foldOn,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where TId : struct
    {
        await foreach (IReadOnlyList<StreamInfo> page in OpenPagesAsync(null, prefix, cancellationToken)
            .ConfigureAwait(false))
        {
            int at = 0;
            await foreach ((TState state, StreamHead head) in FoldManyAsync(
                page, none, withAttachments, evolve, foldOn, cancellationToken).ConfigureAwait(false))
            {
                if (parse(page[at++].Stream) is { } id)
                {
                    yield return (id, state, head);
                }
            }
        }
    }

    /// <summary>How the rest of a stream is folded that is longer than what is read together.</summary>
    private delegate ValueTask<(TState State, StreamHead Head)> FoldOn<TState>(
        StreamId stream, TState state, StreamHead head, long versionMax, CancellationToken cancellationToken);

    /// <summary>Folds streams up to the heads they were listed with, or further. What the store leaves out of a page
    /// is asked for again; as many streams as came last time, and once as many, so that large ones are not looked at
    /// again and again.</summary>
    private async IAsyncEnumerable<(TState State, StreamHead Head)> FoldManyAsync<TState>(
        IReadOnlyList<StreamInfo> streams,
        TState none,
        bool withAttachments,
        Func<TState, EventRecord, TState> evolve,
        FoldOn<TState>? foldOn,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foldOn ??= (stream, state, head, versionMax, cancellationToken) => FoldOnAsync(
            stream, state, head, versionMax, withAttachments, evolve, cancellationToken);
        int together = StreamsPerPage;
        for (int done = 0; done < streams.Count;)
        {
            StreamId[] wanted = [.. streams.Skip(done).Take(together).Select(s => s.Stream)];
            IReadOnlyList<StoredEvent> events = await store
                .ReadStreamsAsync(wanted, EventsTogether, withAttachments, cancellationToken).ConfigureAwait(false);
            int begun = done;
            int read = 0;
            do
            {
                StreamInfo info = streams[done++];
                (TState state, StreamHead head) = (none, StreamHead.None);
                while (read < events.Count && events[read].Stream == info.Stream)
                {
                    state = evolve(state, events[read].Record);
                    head = new StreamHead(events[read].Version, events[read].Record.Hash);
                    read++;
                }

                yield return head.Version >= info.Head.Version
                    ? (state, head)
                    : await foldOn(info.Stream, state, head, long.MaxValue, cancellationToken).ConfigureAwait(false);
            }
            while (read < events.Count);

            together = Math.Min(StreamsPerPage, 2 * (done - begun));
        }
    }

    private static JobState EvolveJob(JobState state, EventRecord record) =>
        JobDecider.Evolve(state, EventCodec.Default.DecodeJob(record));

    private static TaskState EvolveTask(TaskState state, EventRecord record) =>
        TaskDecider.Evolve(state, EventCodec.Default.DecodeTask(record));

    private static AgentState EvolveAgent(AgentState state, EventRecord record) =>
        AgentDecider.Evolve(state, EventCodec.Default.DecodeAgent(record));
}
