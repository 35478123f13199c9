using Elasticity.Api.Http;
using Elasticity.Contracts;
using Elasticity.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Elasticity.Api.Work;

/// <summary>What agents ask for.</summary>
internal sealed class WorkEndpoints(IElasticity engine, ApiOptions options, IHostApplicationLifetime lifetime)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut(Routes.Session, RegisterAsync)
            .Means("registerAgent", ApiRoles.Work, "Opens a session; an older one of the same agent is over.")
            .Takes<RegisterAgent>().Gives<AgentDocument>();
        routes.MapDelete(Routes.Session, CloseAsync)
            .Means("closeSession", ApiRoles.Work, "Ends a session; what it holds is taken back.")
            .Gives<AgentDocument>();
        routes.MapPost(Routes.SessionLease, LeaseAsync)
            .Means("leaseTasks", ApiRoles.Work, "Leases ready tasks; waits for some when there are none.")
            .Takes<LeaseTasks>().Gives<LeasedTasks>();
        routes.MapPost(Routes.SessionSettle, SettleAsync)
            .Means("settleTasks", ApiRoles.Work, "Ends leases with results, and may lease new tasks.")
            .Takes<SettleTasks>().Gives<SettleAnswerDocument>();
        routes.MapPost(Routes.SessionHeartbeat, HeartbeatAsync)
            .Means("sendHeartbeat", ApiRoles.Work, "Extends the leases that the session works on.")
            .Takes<SendHeartbeat>().Gives<HeartbeatAnswerDocument>();
        routes.MapPost(Routes.SessionDrain, DrainAsync)
            .Means("drainSession", ApiRoles.Work, "The session finishes what it has and gets nothing new.")
            .Gives<AgentDocument>();
    }

    private async Task<IResult> RegisterAsync(
        string id, string session, HttpContext http, CancellationToken cancellationToken)
    {
        RegisterAgent body = await RequestBody.ReadAsync(
            http, ContractsJson.Default.RegisterAgent, options.BodyBytesMax);
        return Agent(await engine.RegisterAsync(
            Read.Agent(id), Read.Session(session), WorkMapping.ToOffer(body), cancellationToken));
    }

    private async Task<IResult> LeaseAsync(
        string id, string session, HttpContext http, CancellationToken cancellationToken)
    {
        LeaseTasks body = await RequestBody.ReadAsync(http, ContractsJson.Default.LeaseTasks, options.BodyBytesMax);
        LeaseRequest request = WorkMapping.ToRequest(body, Read.Agent(id), Read.Session(session));
        RequestBody.Forget(http); // It may wait for a minute.

        // A server that stops does not wait for its long polls. What was leased meanwhile is not lost: the agent asks
        // again with the same request id.
        using CancellationTokenSource? either = request.Wait > TimeSpan.Zero
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping)
            : null;
        return Answers.Json(
            await engine.LeaseAsync(request, either?.Token ?? cancellationToken),
            WorkMapping.ToDocument,
            ContractsJson.Default.LeasedTasks);
    }

    private async Task<IResult> SettleAsync(
        string id, string session, HttpContext http, CancellationToken cancellationToken)
    {
        SettleTasks body = await RequestBody.ReadAsync(http, ContractsJson.Default.SettleTasks, options.BodyBytesMax);
        SettleRequest request = WorkMapping.ToRequest(body, Read.Agent(id), Read.Session(session));
        return Answers.Json(
            await engine.SettleAsync(request, cancellationToken),
            WorkMapping.ToDocument,
            ContractsJson.Default.SettleAnswerDocument);
    }

    private async Task<IResult> HeartbeatAsync(
        string id, string session, HttpContext http, CancellationToken cancellationToken)
    {
        SendHeartbeat body = await RequestBody.ReadAsync(
            http, ContractsJson.Default.SendHeartbeat, options.BodyBytesMax);
        Heartbeat heartbeat = WorkMapping.ToHeartbeat(body, Read.Agent(id), Read.Session(session));
        return Answers.Json(
            await engine.HeartbeatAsync(heartbeat, cancellationToken),
            answer => WorkMapping.ToDocument(answer, heartbeat),
            ContractsJson.Default.HeartbeatAnswerDocument);
    }

    private async Task<IResult> DrainAsync(string id, string session, CancellationToken cancellationToken) =>
        Agent(await engine.DrainAsync(Read.Agent(id), Read.Session(session), cancellationToken));

    private async Task<IResult> CloseAsync(string id, string session, CancellationToken cancellationToken) =>
        Agent(await engine.CloseAsync(Read.Agent(id), Read.Session(session), cancellationToken));

    private static IResult Agent(Reply<AgentView> reply) =>
        Answers.Json(reply, WorkMapping.ToDocument, ApiJson.Readable.AgentDocument);
}
