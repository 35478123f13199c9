using Elasticity.Domain;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;

namespace Elasticity.Engine.Embedded;

/// <summary>The questions of the port: answered from the store, which knows only what is durable, and from the core's
/// snapshots.</summary>
public sealed partial class EmbeddedEngine
{
    /// <summary>A lag of so much, when no lease is live, is worth saying.</summary>
    private static readonly TimeSpan LagMax = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public ValueTask<Reply<JobSummary>> GetJobAsync(
        JobId job, long? version, CancellationToken cancellationToken) =>
        ReadAsync(_ => _inspection.GetJobAsync(job, version, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<Reply<Page<JobSummary>>> ListJobsAsync(
        JobFilter filter, string? cursor, int limit, CancellationToken cancellationToken) =>
        ReadAsync(_ => _inspection.ListJobsAsync(filter, cursor, limit, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<Reply<TaskView>> GetTaskAsync(
        TaskId task, long? version, bool withPayloads, CancellationToken cancellationToken) =>
        ReadAsync(_ => _inspection.GetTaskAsync(task, version, withPayloads, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<Reply<Page<TaskView>>> ListTasksAsync(
        JobId job, TaskQuery query, string? cursor, int limit, CancellationToken cancellationToken) =>
        ReadAsync(_ => _inspection.ListTasksAsync(job, query, cursor, limit, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredEvent>> ReadHistoryAsync(
        StreamId stream, long from, int limit, CancellationToken cancellationToken) =>
        ReadAsync(_ => _inspection.ReadHistoryAsync(stream, from, limit, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<LogPage> ReadLogAsync(LogCursor after, int limit, CancellationToken cancellationToken) =>
        ReadAsync(_ => _inspection.ReadLogAsync(after, limit, cancellationToken));

    /// <inheritdoc/>
    public ValueTask WaitForNewsAsync(CancellationToken cancellationToken) =>
        Serving.WaitForNewsAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<QueueView>> ListQueuesAsync(CancellationToken cancellationToken) =>
        (await LookAsync(null, withLists: true, cancellationToken).ConfigureAwait(false)).Queues;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AgentView>> ListAgentsAsync(CancellationToken cancellationToken)
    {
        CoreSnapshot snapshot = await LookAsync(null, withLists: true, cancellationToken).ConfigureAwait(false);
        return [.. snapshot.Agents.OrderBy(a => a.Id.Value, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellationToken)
    {
        Task<CoreSnapshot> look = LookAsync(null, withLists: true, cancellationToken);
        try
        {
            CoreSnapshot snapshot = await look.WaitAsync(LagMax, _time, cancellationToken).ConfigureAwait(false);
            EngineStatus status = GetStatus();
            return status.IsReady
                ? snapshot.Findings
                : [new Finding(status.Code!, "engine", status.Reason!), .. snapshot.Findings];
        }
        catch (TimeoutException)
        {
            // Who asks what is wrong must not wait until it is right again.
            string reason = $"The engine has not answered within {LagMax.TotalSeconds:0} s; look at its store first.";
            return [new Finding("engine-lag", "engine", reason)];
        }
    }

    /// <inheritdoc/>
    public EngineStatus GetStatus()
    {
        if (_pump is not { } pump)
        {
            return new EngineStatus(
                _state, false, _absence.Message, _absence.Code, TimeSpan.Zero, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        }

        TimeSpan lag = pump.Lag;
        EngineGauges seen = pump.Gauges;
        TimeSpan lagMax = seen.ShortestLease / 2 ?? LagMax;
        (string? code, string? reason) = lag > lagMax
            ? ("engine-lag", $"Commands wait for {lag.TotalSeconds:0.0} s; the limit is {lagMax.TotalSeconds:0.0} s.")
            : _logLag.Problem(pump.Monotonic()) is { } problem ? (LogLagSeen.Code, problem) : (null, (string?)null);
        return new EngineStatus(
            _state,
            code is null,
            reason,
            code,
            lag,
            seen.Jobs,
            seen.Leases,
            seen.Queued,
            seen.Agents,
            pump.Durable.Appends,
            pump.Durable.Events,
            seen.Granted,
            seen.Settled,
            seen.Refused,
            seen.TakenBack)
        {
            LogLagEvents = _logLag.Events,
        };
    }

    private async Task<JobGlance> GlanceAsync(JobId job)
    {
        CoreSnapshot snapshot = await LookAsync(job, withLists: false, CancellationToken.None).ConfigureAwait(false);
        return new JobGlance(snapshot.Job, snapshot.Progress);
    }

    private Task<CoreSnapshot> LookAsync(JobId? job, bool withLists, CancellationToken cancellationToken) =>
        AskAsync<CoreSnapshot>(new CoreInput.Look(job, withLists), cancellationToken);

    /// <summary>Reads the store while the engine serves; trouble with the store is the engine's.</summary>
    private async ValueTask<T> ReadAsync<T>(Func<IEventStore, ValueTask<T>> read)
    {
        _ = Serving;
        try
        {
            return await read(_store).ConfigureAwait(false);
        }
        catch (EventStoreException e)
        {
            throw new EngineUnavailableException(e);
        }
    }
}
