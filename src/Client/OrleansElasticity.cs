using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.Grains;
using Microsoft.Extensions.Hosting;

namespace Elasticity.Client;

/// <summary>The port over a cluster of silos, from inside a silo or from outside.</summary>
/// <remarks>Safe for concurrent use. A call that a dying silo lost is made again: every command is
/// idempotent.</remarks>
public sealed partial class OrleansElasticity : IElasticity, IAsyncDisposable
{
    private readonly IGrainFactory _grains;
    private readonly OrleansClientOptions _options;
    private readonly TimeProvider _time;
    private readonly JobSubmitter _submitter;
    private readonly ITimer? _timer;
    private EngineStatus _status = Unknown("engine-starting", "The cluster was not asked yet.");

    /// <summary>Makes the port.</summary>
    /// <param name="grains">A connected client, or a silo's own factory.</param>
    /// <param name="options">How to use it; null means the defaults.</param>
    /// <param name="time">The clock that waits are measured by; null means the system's.</param>
    /// <param name="lifetime">The host whose start is waited for before the status is fetched: until then no call finds
    /// a silo, and one that looks for it may be stuck for long. Null: it has started.</param>
    public OrleansElasticity(
        IGrainFactory grains,
        OrleansClientOptions? options = null,
        TimeProvider? time = null,
        IHostApplicationLifetime? lifetime = null)
    {
        _grains = grains;
        _options = options ?? new OrleansClientOptions();
        _time = time ?? TimeProvider.System;
        _submitter = new JobSubmitter(_options.Limits, AskAsync, chunksUnderWay: 1); // Calls may overtake each other.
        if (_options.StatusInterval > TimeSpan.Zero)
        {
            _timer = TimeProvider.System.CreateTimer(
                _ => FetchStatusAsync().Ignore(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (lifetime is null)
            {
                FetchStatusAfter(TimeSpan.Zero); // Only now: it is set again from within.
            }
            else
            {
                lifetime.ApplicationStarted.Register(() => FetchStatusAfter(TimeSpan.Zero));
            }
        }
    }

    private IFrontGrain Front => _grains.GetGrain<IFrontGrain>(0);

    /// <inheritdoc/>
    public ValueTask<Reply<SubmitReceipt>> SubmitAsync(
        JobSubmission submission, CancellationToken cancellationToken) =>
        _submitter.SubmitAsync(submission, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<Reply<SubmitProgress>> OpenAsync(
        JobId job, JobHeader header, string digest, int taskCount, CancellationToken cancellationToken)
    {
        JobAnswer answer = await AskAsync(
            job, [new JobCommand.Open(default, header, digest, taskCount)], cancellationToken).ConfigureAwait(false);
        return answer.Rejection is { } rejection ? rejection : answer.Progress;
    }

    /// <inheritdoc/>
    public async ValueTask<Reply<SubmitProgress>> AddTasksAsync(
        JobId job, int first, ImmutableArray<TaskSpec> tasks, CancellationToken cancellationToken)
    {
        JobAnswer answer = await AskAsync(
            job, [new JobCommand.AddTasks(default, first, tasks.IsDefault ? [] : tasks)], cancellationToken)
            .ConfigureAwait(false);
        return answer.Rejection is { } rejection ? rejection : answer.Progress;
    }

    /// <inheritdoc/>
    public ValueTask<Reply<JobSummary>> SealAsync(JobId job, CancellationToken cancellationToken) =>
        CommandAsync(job, new JobCommand.Seal(default), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Reply<JobSummary>> CancelAsync(JobId job, CancellationToken cancellationToken) =>
        CommandAsync(job, new JobCommand.Cancel(default), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Reply<JobSummary>> PauseAsync(JobId job, CancellationToken cancellationToken) =>
        CommandAsync(job, new JobCommand.Pause(default), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Reply<JobSummary>> ResumeAsync(JobId job, CancellationToken cancellationToken) =>
        CommandAsync(job, new JobCommand.Resume(default), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Reply<JobSummary>> RedriveAsync(
        JobId job, int? index, string? request, CancellationToken cancellationToken) =>
        CommandAsync(
            job,
            // Also without an id its own repetitions are one request.
            new JobCommand.Redrive(default, index, request ?? Guid.NewGuid().ToString("N")),
            cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<Reply<JobSummary>> ErasePayloadsAsync(
        JobId job, int? index, CancellationToken cancellationToken) =>
        await CallAsync(f => f.ErasePayloadsAsync(job, index), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<Reply<JobSummary>> TrimAsync(JobId job, CancellationToken cancellationToken) =>
        await CallAsync(f => f.TrimAsync(job), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<Reply<AgentView>> RegisterAsync(
        AgentId agent, SessionId session, AgentOffer offer, CancellationToken cancellationToken) =>
        CommandAsync(agent, new AgentCommand.Register(default, session, offer), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Reply<AgentView>> DrainAsync(
        AgentId agent, SessionId session, CancellationToken cancellationToken) =>
        CommandAsync(agent, new AgentCommand.Drain(default, session), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Reply<AgentView>> CloseAsync(
        AgentId agent, SessionId session, CancellationToken cancellationToken) =>
        CommandAsync(agent, new AgentCommand.EndSession(default, session, "closed"), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<Reply<LeaseGrant>> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        while (true)
        {
            TimeSpan left = request.Wait - _time.GetElapsedTime(start);
            TimeSpan wait = left < _options.WaitMax ? left : _options.WaitMax;
            LeaseRequest part = request.Problem() is null
                ? request with { Wait = wait > TimeSpan.Zero ? wait : TimeSpan.Zero }
                : request;
            LeaseReply answer;
            try
            {
                answer = await CallAsync(f => f.LeaseAsync(part, cancellationToken), cancellationToken)
                    .ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }
            catch (OperationCanceledException)
            {
                Front.AbandonLeaseAsync(request.Agent, request.Session, request.RequestId).Ignore();
                throw;
            }

            Reply<LeaseGrant> reply = answer.Reply;
            if (!reply.IsAccepted || !reply.Value.Tasks.IsEmpty || answer.IsReplaced || left <= wait)
            {
                return reply;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Reply<HeartbeatAnswer>> HeartbeatAsync(
        Heartbeat heartbeat, CancellationToken cancellationToken)
    {
        Heartbeat said = heartbeat.Leases.IsDefault ? heartbeat with { Leases = [] } : heartbeat;
        return await CallAsync(f => f.HeartbeatAsync(said), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<Reply<SettleAnswer>> SettleAsync(
        SettleRequest request, CancellationToken cancellationToken)
    {
        SettleRequest said = request.Results.IsDefault ? request with { Results = [] } : request;
        return await CallAsync(f => f.SettleAsync(said), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<Reply<AgentView>> CommandAsync(
        AgentId agent, AgentCommand command, CancellationToken cancellationToken) =>
        await CallAsync(f => f.CommandAsync(agent, command), cancellationToken).ConfigureAwait(false);

    private async ValueTask<Reply<JobSummary>> CommandAsync(
        JobId job, JobCommand command, CancellationToken cancellationToken)
    {
        JobAnswer answer = await AskAsync(job, [command], cancellationToken).ConfigureAwait(false);
        return answer.Rejection is { } rejection ? rejection : answer.Job!;
    }

    private Task<JobAnswer> AskAsync(
        JobId job, ImmutableArray<JobCommand> commands, CancellationToken cancellationToken) =>
        CallAsync(f => f.CommandAsync(job, commands), cancellationToken);

    /// <summary>Calls a front, and calls another one when the first cannot be reached.</summary>
    private async Task<T> CallAsync<T>(Func<IFrontGrain, Task<T>> call, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await call(Front).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not OutOfMemoryException)
            {
                EngineUnavailableException unavailable = Unavailable(e);
                if (unavailable.IsLasting || TimeProvider.System.GetElapsedTime(start) >= _options.RetryFor)
                {
                    throw unavailable;
                }
            }

            await Task.Delay(_options.RetryPause, cancellationToken).ConfigureAwait(false);
        }
    }

    private static EngineUnavailableException Unavailable(Exception e) => e switch
    {
        EngineUnavailableException unavailable => unavailable,
        EventStoreException store => new EngineUnavailableException(store),
        _ => new EngineUnavailableException("engine-unreachable", $"No silo answered: {e.Message}", e),
    };

    private static EngineStatus Unknown(string code, string reason) => new(
        "starting", false, reason, code, TimeSpan.Zero, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
