using Elasticity.Api.Http;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Elasticity.Api.Jobs;

/// <summary>Showing tasks, their inputs and their results.</summary>
internal sealed class TaskEndpoints(IElasticity engine, ApiOptions options)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead(Routes.Tasks, ListAsync)
            .Means("listTasks", ApiRoles.Read, "Lists the tasks of a job in order.")
            .Gives<PageDocument<TaskDocument>>();
        routes.MapRead(Routes.Task, ShowAsync)
            .Means("showTask", ApiRoles.Read, "Shows a task, now or as of an earlier version.")
            .Gives<TaskDocument>().Tagged();
        routes.MapRead(Routes.TaskPayload, PayloadAsync)
            .Means("showPayload", ApiRoles.Read, "Gives the input of a task, byte for byte.")
            .Gives<RawJson>().Tagged();
        routes.MapRead(Routes.TaskResult, ResultAsync)
            .Means("showResult", ApiRoles.Read, "Gives the result of a task, byte for byte.")
            .Gives<RawJson>().Tagged();
    }

    private async Task<IResult> ListAsync(
        string id, string? state, string? cursor, int? limit, bool? payloads, CancellationToken cancellationToken) =>
        Answers.Json(
            await engine.ListTasksAsync(
                Read.Job(id),
                new TaskQuery(Read.Word("state", state, TaskMapping.States), payloads ?? false),
                Read.Cursor(cursor),
                Read.Limit(limit, payloads is true ? options.PageWithPayloadsMax : options.PageMax, options),
                cancellationToken),
            page => new PageDocument<TaskDocument>
            {
                Items = [.. page.Items.Select(TaskMapping.ToDocument)],
                Next = page.Next,
            },
            ApiJson.Readable.PageDocumentTaskDocument);

    private async Task<IResult> ShowAsync(
        string id, int index, long? version, bool? payloads, CancellationToken cancellationToken) =>
        Answers.Tagged(
            await engine.GetTaskAsync(
                Read.Task(id, index), Read.Version(version), payloads ?? false, cancellationToken),
            TaskMapping.ToDocument,
            ApiJson.Readable.TaskDocument);

    private async Task<IResult> PayloadAsync(string id, int index, CancellationToken cancellationToken)
    {
        Reply<TaskView> reply = await FindAsync(id, index, cancellationToken);
        return reply.IsAccepted ? Bytes(reply.Value.Payload, "no payload") : Problems.Of(reply.Rejection);
    }

    private async Task<IResult> ResultAsync(string id, int index, CancellationToken cancellationToken)
    {
        Reply<TaskView> reply = await FindAsync(id, index, cancellationToken);
        return reply.IsAccepted
            ? Bytes(reply.Value.Result, $"no result, and is {reply.Value.State}")
            : Problems.Of(reply.Rejection);
    }

    private ValueTask<Reply<TaskView>> FindAsync(string id, int index, CancellationToken cancellationToken) =>
        engine.GetTaskAsync(Read.Task(id, index), null, withPayloads: true, cancellationToken);

    private static IResult Bytes(Payload payload, string nothing) => payload.IsNone
        ? Problems.Of(ProblemCode.NoContent, $"The task has {nothing}.")
        : Answers.Tagged(payload.Bytes);
}
