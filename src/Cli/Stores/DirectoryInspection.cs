using Elasticity.Cli.CommandLine;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Cli.Stores;

/// <summary>Looks at a data directory without owning it. What only an engine knows, it does not tell.</summary>
/// <param name="store">What the store tells.</param>
internal sealed class DirectoryInspection(StoreInspection store) : IInspection
{
    private static readonly TimeSpan NewsInterval = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    public ValueTask<Reply<JobSummary>> GetJobAsync(JobId job, long? version, CancellationToken cancellationToken) =>
        store.GetJobAsync(job, version, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Reply<Page<JobSummary>>> ListJobsAsync(
        JobFilter filter, string? cursor, int limit, CancellationToken cancellationToken) =>
        store.ListJobsAsync(filter, cursor, limit, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Reply<TaskView>> GetTaskAsync(
        TaskId task, long? version, bool withPayloads, CancellationToken cancellationToken) =>
        store.GetTaskAsync(task, version, withPayloads, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Reply<Page<TaskView>>> ListTasksAsync(
        JobId job, TaskQuery query, string? cursor, int limit, CancellationToken cancellationToken) =>
        store.ListTasksAsync(job, query, cursor, limit, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEvent>> ReadHistoryAsync(
        StreamId stream, long from, int limit, CancellationToken cancellationToken) =>
        store.ReadHistoryAsync(stream, from, limit, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<LogPage> ReadLogAsync(LogCursor after, int limit, CancellationToken cancellationToken) =>
        store.ReadLogAsync(after, limit, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask WaitForNewsAsync(CancellationToken cancellationToken) =>
        await Task.Delay(NewsInterval, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<QueueView>> ListQueuesAsync(CancellationToken cancellationToken) => throw Needed();

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<AgentView>> ListAgentsAsync(CancellationToken cancellationToken) => throw Needed();

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellationToken) => throw Needed();

    /// <inheritdoc/>
    public EngineStatus GetStatus() => throw Needed();

    private static CliException Needed() => new(
        ExitCode.Unavailable, "engine-needed", "Only the engine knows that, and a directory that is read has none.");
}
