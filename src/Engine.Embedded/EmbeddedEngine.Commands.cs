using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine.Embedded.Core;

namespace Elasticity.Engine.Embedded;

/// <summary>The commands of the port: each becomes an input of the core.</summary>
public sealed partial class EmbeddedEngine
{
    /// <inheritdoc/>
    public async ValueTask<Reply<SubmitProgress>> OpenAsync(
        JobId job, JobHeader header, string digest, int taskCount, CancellationToken cancellationToken)
    {
        JobAnswer answer = await AskJobAsync(
            job, [new JobCommand.Open(default, header, digest, taskCount)], cancellationToken)
            .ConfigureAwait(false);
        return answer.Rejection is { } rejection ? rejection : answer.Progress;
    }

    /// <inheritdoc/>
    public async ValueTask<Reply<SubmitProgress>> AddTasksAsync(
        JobId job, int first, ImmutableArray<TaskSpec> tasks, CancellationToken cancellationToken)
    {
        JobCommand add = new JobCommand.AddTasks(default, first, tasks.IsDefault ? [] : tasks);
        JobAnswer answer = await AskJobAsync(job, [add], cancellationToken).ConfigureAwait(false);
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
        CommandAsync(job, new JobCommand.Redrive(default, index, request), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<Reply<AgentView>> RegisterAsync(
        AgentId agent, SessionId session, AgentOffer offer, CancellationToken cancellationToken) =>
        await AskAsync<Reply<AgentView>>(
            new CoreInput.ForAgent(agent, new AgentCommand.Register(default, session, offer)), cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<Reply<AgentView>> DrainAsync(
        AgentId agent, SessionId session, CancellationToken cancellationToken) =>
        await AskAsync<Reply<AgentView>>(
            new CoreInput.ForAgent(agent, new AgentCommand.Drain(default, session)), cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<Reply<AgentView>> CloseAsync(
        AgentId agent, SessionId session, CancellationToken cancellationToken) =>
        await AskAsync<Reply<AgentView>>(
            new CoreInput.ForAgent(agent, new AgentCommand.EndSession(default, session, "closed")), cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<Reply<LeaseGrant>> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken) =>
        await AskAsync<Reply<LeaseGrant>>(new CoreInput.Lease(request), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<Reply<HeartbeatAnswer>> HeartbeatAsync(
        Heartbeat heartbeat, CancellationToken cancellationToken) =>
        await AskAsync<Reply<HeartbeatAnswer>>(
            new CoreInput.Beat(heartbeat.Leases.IsDefault ? heartbeat with { Leases = [] } : heartbeat),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<Reply<SettleAnswer>> SettleAsync(
        SettleRequest request, CancellationToken cancellationToken) =>
        await AskAsync<Reply<SettleAnswer>>(
            new CoreInput.Settle(request.Results.IsDefault ? request with { Results = [] } : request),
            cancellationToken).ConfigureAwait(false);

    private async ValueTask<Reply<JobSummary>> CommandAsync(
        JobId job, JobCommand command, CancellationToken cancellationToken)
    {
        JobAnswer answer = await AskJobAsync(job, [command], cancellationToken).ConfigureAwait(false);
        return answer.Rejection is { } rejection ? rejection : answer.Job!;
    }

    private Task<JobAnswer> AskJobAsync(
        JobId job, ImmutableArray<JobCommand> commands, CancellationToken cancellationToken) =>
        AskAsync<JobAnswer>(new CoreInput.ForJob(job, commands), cancellationToken);

    private Task<T> AskAsync<T>(CoreInput input, CancellationToken cancellationToken) =>
        Serving.AskAsync<T>(input with { Metadata = TraceMetadata.OfCurrentActivity() }, cancellationToken);
}
