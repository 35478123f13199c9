using Elasticity.Api.Http;
using Elasticity.Api.Work;
using Elasticity.Contracts;
using Elasticity.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Elasticity.Api.Inspection;

/// <summary>Agents, queues, what is wrong, and how the engine is.</summary>
internal sealed class StatusEndpoints(IElasticity engine, ApiOptions options, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead(Routes.Agents, AgentsAsync)
            .Means("listAgents", ApiRoles.Read, "Lists the agents with a live session, by id.")
            .Gives<PageDocument<AgentDocument>>();
        routes.MapRead(Routes.Queues, QueuesAsync)
            .Means("listQueues", ApiRoles.Read, "Lists the queues, one for each kind, by kind.")
            .Gives<PageDocument<QueueDocument>>();
        routes.MapRead(Routes.Doctor, DoctorAsync)
            .Means("diagnose", ApiRoles.Read, "Lists what is overdue, stuck or wanting, and why.")
            .Gives<PageDocument<FindingDocument>>();
        routes.MapRead(Routes.Status, Status)
            .Means("showStatus", ApiRoles.Read, "Says how the engine is.")
            .Gives<StatusDocument>();
        routes.MapRead(Routes.Healthz, Live)
            .Means("live", ApiRoles.None, "Succeeds while the process lives.")
            .Gives<HealthDocument>();
        routes.MapRead(Routes.Readyz, ReadyAsync)
            .Means("ready", ApiRoles.None, "Succeeds while the engine serves, and does not lag.")
            .Gives<HealthDocument>();
    }

    private async Task<IResult> AgentsAsync(string? cursor, int? limit, CancellationToken cancellationToken)
    {
        PageDocument<AgentView> page = PageOf(
            await engine.ListAgentsAsync(cancellationToken), a => a.Id.Value, cursor, limit);
        return Answers.Json(
            new PageDocument<AgentDocument>
            {
                Items = [.. page.Items.Select(WorkMapping.ToDocument)],
                Next = page.Next,
            },
            ApiJson.Readable.PageDocumentAgentDocument);
    }

    private async Task<IResult> QueuesAsync(string? cursor, int? limit, CancellationToken cancellationToken)
    {
        PageDocument<QueueView> page = PageOf(
            await engine.ListQueuesAsync(cancellationToken), q => q.Kind, cursor, limit);
        return Answers.Json(
            new PageDocument<QueueDocument>
            {
                Items = [.. page.Items.Select(EventMapping.ToDocument)],
                Next = page.Next,
            },
            ApiJson.Readable.PageDocumentQueueDocument);
    }

    private async Task<IResult> DoctorAsync(CancellationToken cancellationToken) => Answers.Json(
        new PageDocument<FindingDocument>
        {
            Items = [.. (await engine.DiagnoseAsync(cancellationToken)).Select(EventMapping.ToDocument)],
        },
        ApiJson.Readable.PageDocumentFindingDocument);

    private IResult Status() =>
        Answers.Json(EventMapping.ToDocument(options.StatusOf(engine)), ApiJson.Readable.StatusDocument);

    private static IResult Live() =>
        Answers.Json(new HealthDocument { Status = "live" }, ApiJson.Readable.HealthDocument);

    private async Task<IResult> ReadyAsync(CancellationToken cancellationToken)
    {
        EngineStatus status = options.StatusOf(engine);
        if (!status.IsReady)
        {
            return Problems.Of(
                status.Code ?? ProblemCode.EngineStarting, status.Reason ?? $"The engine is {status.State}.");
        }

        // The status is what the engine said last. Only an answer shows that it still goes round.
        if (await PromptQueues.AskAsync(engine, options, time, cancellationToken) is null)
        {
            return Problems.Of(
                ProblemCode.EngineLag, $"The engine has not answered within {options.ReadyTimeout.TotalSeconds} s.");
        }

        return Answers.Json(
            new HealthDocument { Status = "ready", Warning = options.Warning?.Invoke() },
            ApiJson.Readable.HealthDocument);
    }

    private PageDocument<T> PageOf<T>(IReadOnlyList<T> all, Func<T, string> key, string? cursor, int? asked)
    {
        int limit = Read.Limit(asked, options.PageMax, options);
        string after = Read.Cursor(cursor) ?? string.Empty;
        T[] items =
        [
            .. all.Where(i => string.CompareOrdinal(key(i), after) > 0)
                .OrderBy(key, StringComparer.Ordinal)
                .Take(limit + 1),
        ];
        return items.Length <= limit
            ? new PageDocument<T> { Items = items }
            : new PageDocument<T> { Items = items[..limit], Next = key(items[limit - 1]) };
    }
}
