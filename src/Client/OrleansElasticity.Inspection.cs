using System.Diagnostics;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.Grains;

namespace Elasticity.Client;

/// <summary>Questions.</summary>
public sealed partial class OrleansElasticity
{
    /// <summary>The pause after a look at the cluster, in times of what the look took.</summary>
    private const int StatusPauseFactor = 19;

    /// <summary>The longest pause: a look that waited for a silo which had died took long, too.</summary>
    private static readonly TimeSpan StatusPauseMax = TimeSpan.FromSeconds(10);

    /// <summary>Longer than a look at many agents and queues takes; who is stuck longer is not waited for.</summary>
    private static readonly TimeSpan StatusPatience = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public async ValueTask<Reply<JobSummary>> GetJobAsync(
        JobId job, long? version, CancellationToken cancellationToken) =>
        await CallAsync(f => f.GetJobAsync(job, version), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<Reply<Page<JobSummary>>> ListJobsAsync(
        JobFilter filter, string? cursor, int limit, CancellationToken cancellationToken) =>
        await CallAsync(f => f.ListJobsAsync(filter, cursor, limit), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<Reply<TaskView>> GetTaskAsync(
        TaskId task, long? version, bool withPayloads, CancellationToken cancellationToken) =>
        await CallAsync(f => f.GetTaskAsync(task, version, withPayloads), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<Reply<Page<TaskView>>> ListTasksAsync(
        JobId job, TaskQuery query, string? cursor, int limit, CancellationToken cancellationToken) =>
        await CallAsync(f => f.ListTasksAsync(job, query, cursor, limit), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StoredEvent>> ReadHistoryAsync(
        StreamId stream, long from, int limit, CancellationToken cancellationToken) =>
        await CallAsync(f => f.ReadHistoryAsync(stream, from, limit), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<LogPage> ReadLogAsync(
        LogCursor after, int limit, CancellationToken cancellationToken) =>
        await CallAsync(f => f.ReadLogAsync(after, limit), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask WaitForNewsAsync(CancellationToken cancellationToken) =>
        await Task.Delay(_options.NewsInterval, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<QueueView>> ListQueuesAsync(CancellationToken cancellationToken) =>
        (await LookAsync(cancellationToken).ConfigureAwait(false)).Queues;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AgentView>> ListAgentsAsync(CancellationToken cancellationToken) =>
        (await LookAsync(cancellationToken).ConfigureAwait(false)).Agents;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellationToken) =>
        (await LookAsync(cancellationToken).ConfigureAwait(false)).Findings;

    /// <inheritdoc/>
    /// <remarks>As the cluster said last: see <see cref="OrleansClientOptions.StatusInterval"/>.</remarks>
    public EngineStatus GetStatus() => Volatile.Read(ref _status);

    private async Task<ClusterLook> LookAsync(CancellationToken cancellationToken)
    {
        ClusterLook look = await CallAsync(f => f.LookAsync(), cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _status, look.Status);
        return look;
    }

    /// <summary>One at a time: a late failure must not hide a newer answer. All agents and queues are asked, so the
    /// pause grows with what that takes.</summary>
    private async Task FetchStatusAsync()
    {
        long begun = Stopwatch.GetTimestamp();
        TimeSpan pause = TimeSpan.Zero;
        try
        {
            ClusterLook look = await Front.LookAsync().WaitAsync(StatusPatience).ConfigureAwait(false);
            Volatile.Write(ref _status, look.Status);
            pause = Stopwatch.GetElapsedTime(begun) * StatusPauseFactor;
            pause = pause < StatusPauseMax ? pause : StatusPauseMax;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Volatile.Write(ref _status, Unknown("engine-unreachable", $"No silo answered: {e.Message}"));
        }

        FetchStatusAfter(pause > _options.StatusInterval ? pause : _options.StatusInterval);
    }

    private void FetchStatusAfter(TimeSpan pause) => _timer?.Change(pause, Timeout.InfiniteTimeSpan);
}
