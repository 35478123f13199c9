using Elasticity.Domain;
using Elasticity.EventStore;

namespace Elasticity.Engine;

/// <summary>What people and monitors ask for. Nothing here changes anything.</summary>
public interface IInspection
{
    /// <summary>Shows a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="version">The state as of this version of its stream; null means now.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The job; or <c>job-unknown</c>.</returns>
    ValueTask<Reply<JobSummary>> GetJobAsync(JobId job, long? version, CancellationToken cancellationToken);

    /// <summary>Lists jobs, newest first.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cursor">From the page before; null begins.</param>
    /// <param name="limit">1 to 1,000.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A page; or <c>invalid</c> for a cursor that is none.</returns>
    ValueTask<Reply<Page<JobSummary>>> ListJobsAsync(
        JobFilter filter, string? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>Shows a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="version">The state as of this version of its stream; null means now.</param>
    /// <param name="withPayloads">Whether to read input and result too.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The task; or <c>job-unknown</c>, <c>task-unknown</c>.</returns>
    ValueTask<Reply<TaskView>> GetTaskAsync(
        TaskId task, long? version, bool withPayloads, CancellationToken cancellationToken);

    /// <summary>Lists the tasks of a job in order.</summary>
    /// <param name="job">The job.</param>
    /// <param name="query">Which.</param>
    /// <param name="cursor">From the page before; null begins.</param>
    /// <param name="limit">1 to 1,000.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A page, which may hold fewer than asked for before the end; or <c>job-unknown</c>,
    /// <c>invalid</c>.</returns>
    ValueTask<Reply<Page<TaskView>>> ListTasksAsync(
        JobId job, TaskQuery query, string? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>Reads the history of a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="from">The first version wanted; at least 1.</param>
    /// <param name="limit">1 to 1,000.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The events, oldest first; empty at the end or for an unknown stream. Of a trimmed job, the tombstone.
    /// </returns>
    ValueTask<IReadOnlyList<StoredEvent>> ReadHistoryAsync(
        StreamId stream, long from, int limit, CancellationToken cancellationToken);

    /// <summary>Reads the whole log.</summary>
    /// <param name="after">Where the last page ended.</param>
    /// <param name="limit">1 to 1,000.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A page; empty when nothing is new.</returns>
    ValueTask<LogPage> ReadLogAsync(LogCursor after, int limit, CancellationToken cancellationToken);

    /// <summary>Completes when something may have been appended since the call, or after about a second.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>When it is worth reading again.</returns>
    ValueTask WaitForNewsAsync(CancellationToken cancellationToken);

    /// <summary>Lists the queues.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>One for each kind that is offered or waited for, by kind.</returns>
    ValueTask<IReadOnlyList<QueueView>> ListQueuesAsync(CancellationToken cancellationToken);

    /// <summary>Lists the agents with a live session.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The agents by id; at most 10,000.</returns>
    ValueTask<IReadOnlyList<AgentView>> ListAgentsAsync(CancellationToken cancellationToken);

    /// <summary>Lists everything that is overdue, stuck or wanting, and why.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The findings; empty when all is well.</returns>
    ValueTask<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellationToken);

    /// <summary>Says how the engine is. Never throws <see cref="EngineUnavailableException"/>.</summary>
    /// <returns>The status.</returns>
    EngineStatus GetStatus();
}

/// <summary>Which tasks to list.</summary>
/// <param name="State">In this state, in the words of <see cref="TaskView.State"/>; null means any.</param>
/// <param name="WithPayloads">Whether to read inputs and results too.</param>
public sealed record TaskQuery(string? State = null, bool WithPayloads = false);
