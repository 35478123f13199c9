using System.Globalization;
using Elasticity.Api.Http;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Elasticity.Api.Inspection;

/// <summary>The events of one job, task or agent.</summary>
internal sealed class HistoryEndpoints(IElasticity engine, ApiOptions options)
{
    private const int StepMax = 20;
    private const long PageBytes = 8 * 1024 * 1024; // A page goes past it by one step at most.

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead(Routes.JobHistory, JobAsync)
            .Means("listJobHistory", ApiRoles.Read, "Lists the events of a job, oldest first.")
            .Gives<PageDocument<EventDocument>>();
        routes.MapRead(Routes.TaskHistory, TaskAsync)
            .Means("listTaskHistory", ApiRoles.Read, "Lists the events of a task, oldest first.")
            .Gives<PageDocument<EventDocument>>();
        routes.MapRead(Routes.AgentHistory, AgentAsync)
            .Means("listAgentHistory", ApiRoles.Read, "Lists the events of an agent, oldest first.")
            .Gives<PageDocument<EventDocument>>();
    }

    private Task<IResult> JobAsync(string id, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        JobId job = Read.Job(id);
        return PageAsync(StreamNames.Of(job), cursor, limit, WhyNothingAsync, cancellationToken);

        async ValueTask<Rejection?> WhyNothingAsync() =>
            (await engine.GetJobAsync(job, null, cancellationToken)).Rejection;
    }

    private Task<IResult> TaskAsync(
        string id, int index, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        if (index < 0)
        {
            throw Read.Invalid($"index is at least 0, not {index}.");
        }

        TaskId task = Read.Task(id, index);
        return PageAsync(StreamNames.Of(task), cursor, limit, WhyNothingAsync, cancellationToken);

        // A task has no event before its first lease, cancel or skip.
        async ValueTask<Rejection?> WhyNothingAsync() =>
            (await engine.GetTaskAsync(task, null, withPayloads: false, cancellationToken)).Rejection;
    }

    private Task<IResult> AgentAsync(string id, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        AgentId agent = Read.Agent(id);
        return PageAsync(StreamNames.Of(agent), cursor, limit, WhyNothing, cancellationToken);

        ValueTask<Rejection?> WhyNothing() => ValueTask.FromResult<Rejection?>(
            new Rejection(ProblemCode.AgentUnknown, $"No agent ever registered as {agent}."));
    }

    private async Task<IResult> PageAsync(
        StreamId stream,
        string? cursor,
        int? asked,
        Func<ValueTask<Rejection?>> whyNothing,
        CancellationToken cancellationToken)
    {
        int limit = Read.Limit(asked, options.PageMax, options);
        long from = From(cursor);
        List<StoredEvent> events = [];
        long bytes = 0;
        bool isEnd = false;
        while (!isEnd && events.Count < limit && bytes < PageBytes)
        {
            // In small steps: a job's events may hold a thousand tasks each.
            IReadOnlyList<StoredEvent> more = await engine.ReadHistoryAsync(
                stream, from + events.Count, Math.Min(StepMax, limit - events.Count), cancellationToken);
            isEnd = more.Count == 0;
            bytes += more.Sum(e => (long)e.Record.Content.Length);
            events.AddRange(more);
        }

        return events.Count == 0 && from == 1 && await whyNothing() is { } rejection
            ? Problems.Of(rejection)
            : Answers.Json(
                new PageDocument<EventDocument>
                {
                    Items = [.. events.Select(EventMapping.ToDocument)],
                    Next = isEnd
                        ? null
                        : (from + events.Count).ToString(CultureInfo.InvariantCulture),
                },
                ApiJson.Readable.PageDocumentEventDocument);
    }

    private static long From(string? cursor) =>
        cursor is null ? 1
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out long from)
            && from is >= 1 and <= long.MaxValue / 2
            ? from
        : throw Read.Invalid("The cursor of a history is a version of its stream.");
}
