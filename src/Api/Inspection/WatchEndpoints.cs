using System.Globalization;
using System.Text.Json;
using Elasticity.Api.Http;
using Elasticity.Api.Jobs;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Elasticity.Api.Inspection;

/// <summary>Watching a job, and following the log.</summary>
internal sealed class WatchEndpoints(IElasticity engine, ApiOptions options, EventStreams streams)
{
    private const int StepMax = 100; // A job's event may hold a thousand tasks.

    private const long PageBytes = 8 * 1024 * 1024;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.JobWatch, WatchAsync)
            .Means("watchJob", ApiRoles.Read, "Shows a job, and again after each change, until it has ended.")
            .Gives<JobDocument>(200, "Events named 'job'; the id is the version.", EventStreamWriter.MediaType)
            .Streams();
        routes.MapGet(Routes.Log, LogAsync)
            .Means("readLog", ApiRoles.Read, "Reads the whole log from a cursor, or follows it.")
            .Gives<LogDocument>()
            .Gives<LogDocument>(
                200, "A page; or, as text/event-stream, events named 'log'.", EventStreamWriter.MediaType)
            .Streams();
    }

    private async Task WatchAsync(string id, HttpContext http, CancellationToken cancellationToken)
    {
        JobId job = Read.Job(id);
        long seen = SeenVersion(http.Request);
        Reply<JobSummary> first = await engine.GetJobAsync(job, null, cancellationToken);
        if (!first.IsAccepted)
        {
            throw new RefusedException(first.Rejection.Code, first.Rejection.Detail);
        }

        if (first.Value.IsEnded && first.Value.Version <= seen)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent; // An EventSource stops asking.
            return;
        }

        await streams.RunAsync(http, options.WatchInterval, async (writer, stopping) =>
        {
            Reply<JobSummary> reply = await engine.GetJobAsync(job, null, stopping);
            if (!reply.IsAccepted)
            {
                return false; // It was trimmed meanwhile.
            }

            if (reply.Value.Version > seen)
            {
                seen = reply.Value.Version;
                await writer.SendAsync(
                    seen.ToString(CultureInfo.InvariantCulture),
                    "job",
                    JsonSerializer.SerializeToUtf8Bytes(
                        JobMapping.ToDocument(reply.Value), ApiJson.Readable.JobDocument));
            }

            return !reply.Value.IsEnded;
        });
    }

    private async Task LogAsync(string? cursor, int? limit, HttpContext http, CancellationToken cancellationToken)
    {
        int most = Read.Limit(limit, options.PageMax, options);
        if (!WantsEvents(http.Request))
        {
            LogPage page = await ReadAsync(CursorOf(cursor), Math.Min(most, StepMax), cancellationToken);
            while (page is { IsEnd: false } && page.Events.Count < most && BytesOf(page) < PageBytes)
            {
                LogPage more = await ReadAsync(
                    page.Next, Math.Min(most - page.Events.Count, StepMax), cancellationToken);
                page = new LogPage([.. page.Events, .. more.Events], more.Next, more.IsEnd);
            }

            await Answers.Json(EventMapping.ToDocument(page), ApiJson.Readable.LogDocument).ExecuteAsync(http);
            return;
        }

        LogCursor next = CursorOf(EventStreamWriter.LastIdOf(http.Request) ?? cursor);
        await ReadAsync(next, 1, cancellationToken); // A bad cursor is refused while there is a status to say so.
        await streams.RunAsync(http, TimeSpan.Zero, async (writer, stopping) =>
        {
            LogPage page;
            do
            {
                page = await ReadAsync(next, Math.Min(most, StepMax), stopping);
                if (page.Events.Count > 0)
                {
                    await writer.SendAsync(
                        page.Next.Value,
                        "log",
                        JsonSerializer.SerializeToUtf8Bytes(
                            EventMapping.ToDocument(page), ApiJson.Readable.LogDocument));
                }

                next = page.Next;
            }
            while (!page.IsEnd);

            return true;
        });
    }

    private async ValueTask<LogPage> ReadAsync(LogCursor cursor, int limit, CancellationToken cancellationToken)
    {
        try
        {
            return await engine.ReadLogAsync(cursor, limit, cancellationToken);
        }
        catch (CursorUnknownException exception)
        {
            throw new RefusedException(ProblemCode.CursorUnknown, exception.Message);
        }
        catch (ArgumentException)
        {
            throw Read.Invalid("The cursor is none of this log: take it from 'next' of the page before.");
        }
    }

    private static long BytesOf(LogPage page) => page.Events.Sum(e => (long)e.Record.Content.Length);

    private static LogCursor CursorOf(string? cursor) =>
        Read.Cursor(cursor) is { } value ? new LogCursor(value) : LogCursor.Start;

    private static long SeenVersion(HttpRequest request) =>
        EventStreamWriter.LastIdOf(request) is not { } id ? 0
        : long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out long version) ? version
        : throw Read.Invalid($"{HeaderName.LastEventId} is a version of the job.");

    private static bool WantsEvents(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out IList<MediaTypeHeaderValue>? accepted)
        && accepted.Any(a => a.MediaType.Equals(EventStreamWriter.MediaType, StringComparison.OrdinalIgnoreCase));
}
