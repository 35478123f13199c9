using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Engine;

namespace Elasticity.Client.Http;

/// <content>What agents ask for.</content>
public sealed partial class HttpElasticity
{
    /// <inheritdoc/>
    public async ValueTask<Reply<AgentView>> RegisterAsync(
        AgentId agent, SessionId session, AgentOffer offer, CancellationToken cancellationToken) =>
        WhyNoSession(agent, session) is not null
        ? new Rejection(
            RejectionCode.Invalid, $"The ids of agents and sessions are 1 to {Identifier.LengthMax} of [A-Za-z0-9._-].")
        : Reply(
            await SendAsync(
                HttpMethod.Put,
                Paths.Session(Routes.Session, agent, session),
                WorkMapping.ToMessage(offer),
                ContractsJson.Default.RegisterAgent,
                ContractsJson.Tolerant.AgentDocument,
                cancellationToken).ConfigureAwait(false),
            WorkMapping.ToView);

    /// <inheritdoc/>
    public async ValueTask<Reply<LeaseGrant>> LeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (WhyNoSession(request.Agent, request.Session) is { } rejection)
        {
            return rejection;
        }

        TimeSpan wait = request.Wait > LeaseRequest.WaitLimit ? TimeSpan.Zero : request.Wait;
        return Reply(
            await SendAsync(
                HttpMethod.Post,
                Paths.Session(Routes.SessionLease, request.Agent, request.Session),
                WorkMapping.ToMessage(request),
                ContractsJson.Default.LeaseTasks,
                ContractsJson.Tolerant.LeasedTasks,
                cancellationToken,
                wait < TimeSpan.Zero ? TimeSpan.Zero : wait).ConfigureAwait(false),
            static d => d.Tasks.Count == 0 ? LeaseGrant.Nothing : new LeaseGrant(WorkMapping.ToLeased(d.Tasks)));
    }

    /// <inheritdoc/>
    public async ValueTask<Reply<HeartbeatAnswer>> HeartbeatAsync(
        Heartbeat heartbeat, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(heartbeat);
        if (WhyNoSession(heartbeat.Agent, heartbeat.Session) is { } rejection)
        {
            return rejection;
        }

        return Reply(
            await SendAsync(
                HttpMethod.Post,
                Paths.Session(Routes.SessionHeartbeat, heartbeat.Agent, heartbeat.Session),
                WorkMapping.ToMessage(heartbeat),
                ContractsJson.Default.SendHeartbeat,
                ContractsJson.Tolerant.HeartbeatAnswerDocument,
                cancellationToken).ConfigureAwait(false),
            d => WorkMapping.ToAnswer(d, heartbeat));
    }

    /// <inheritdoc/>
    public async ValueTask<Reply<SettleAnswer>> SettleAsync(
        SettleRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Reply(
            await SendAsync(
                HttpMethod.Post,
                Paths.Session(Routes.SessionSettle, request.Agent, request.Session),
                WorkMapping.ToMessage(request),
                ContractsJson.Default.SettleTasks,
                ContractsJson.Tolerant.SettleAnswerDocument,
                cancellationToken).ConfigureAwait(false),
            d => WorkMapping.ToAnswer(d, request.Results.IsDefault ? 0 : request.Results.Length));
    }

    /// <inheritdoc/>
    public ValueTask<Reply<AgentView>> DrainAsync(
        AgentId agent, SessionId session, CancellationToken cancellationToken) =>
        AgentAsync(HttpMethod.Post, Routes.SessionDrain, agent, session, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Reply<AgentView>> CloseAsync(
        AgentId agent, SessionId session, CancellationToken cancellationToken) =>
        AgentAsync(HttpMethod.Delete, Routes.Session, agent, session, cancellationToken);

    private async ValueTask<Reply<AgentView>> AgentAsync(
        HttpMethod method, string route, AgentId agent, SessionId session, CancellationToken cancellationToken) =>
        WhyNoSession(agent, session) is { } rejection
        ? rejection
        : Reply(
            await SendAsync(
                method,
                Paths.Session(route, agent, session),
                ContractsJson.Tolerant.AgentDocument,
                cancellationToken).ConfigureAwait(false),
            WorkMapping.ToView);
}
