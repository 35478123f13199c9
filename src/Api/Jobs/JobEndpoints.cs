using Elasticity.Api.Http;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Elasticity.Api.Jobs;

/// <summary>Showing and steering jobs.</summary>
internal sealed class JobEndpoints(IElasticity engine, ApiOptions options)
{
    private const int SearchLengthMax = 128;
    private const string RedriveKey = "Makes a retry the same redrive: what was dead-lettered since stays as it is.";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead(Routes.Jobs, ListAsync)
            .Means("listJobs", ApiRoles.Read, "Lists jobs, newest first.")
            .Gives<PageDocument<JobDocument>>();
        routes.MapRead(Routes.Job, ShowAsync)
            .Means("showJob", ApiRoles.Read, "Shows a job, now or as of an earlier version.")
            .Gives<JobDocument>().Tagged();
        routes.MapPost(Routes.JobCancel, CancelAsync)
            .Means("cancelJob", ApiRoles.Submit, "Asks a job to stop.")
            .Gives<JobDocument>();
        routes.MapPost(Routes.JobPause, PauseAsync)
            .Means("pauseJob", ApiRoles.Submit, "Gives no new leases for a job; running tasks go on.")
            .Gives<JobDocument>();
        routes.MapPost(Routes.JobResume, ResumeAsync)
            .Means("resumeJob", ApiRoles.Submit, "Gives leases again.")
            .Gives<JobDocument>();
        routes.MapPost(Routes.JobRedrive, RedriveAsync)
            .Means("redriveJob", ApiRoles.Submit, "Does all dead-lettered tasks of a job again.")
            .Gives<JobDocument>()
            .Header(HeaderName.IdempotencyKey, RedriveKey);
        routes.MapPost(Routes.JobErase, EraseAsync)
            .Means("eraseJob", ApiRoles.Admin, "Erases the inputs and results of an ended job; its history stays.")
            .Gives<JobDocument>();
        routes.MapPost(Routes.TaskErase, EraseTaskAsync)
            .Means("eraseTask", ApiRoles.Admin, "Erases the input and results of one task of an ended job.")
            .Gives<JobDocument>();
        routes.MapPost(Routes.JobTrim, TrimAsync)
            .Means("trimJob", ApiRoles.Admin, "Removes the events of an ended job; a tombstone stays.")
            .Gives<JobDocument>();
        routes.MapPost(Routes.TaskRedrive, RedriveTaskAsync)
            .Means("redriveTask", ApiRoles.Submit, "Does one dead-lettered or cancelled task again.")
            .Gives<JobDocument>()
            .Header(HeaderName.IdempotencyKey, RedriveKey);
    }

    private async Task<IResult> ListAsync(
        string? state, string? search, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        if (search is { Length: > SearchLengthMax } || (search is not null && !Identifier.IsShowable(search)))
        {
            throw Read.Invalid($"search has at most {SearchLengthMax} characters and no control characters.");
        }

        return Answers.Json(
            await engine.ListJobsAsync(
                new JobFilter(Read.Word("state", state, JobMapping.States), search is "" ? null : search),
                Read.Cursor(cursor),
                Read.Limit(limit, options.PageMax, options),
                cancellationToken),
            page => new PageDocument<JobDocument>
            {
                Items = [.. page.Items.Select(JobMapping.ToDocument)],
                Next = page.Next,
            },
            ApiJson.Readable.PageDocumentJobDocument);
    }

    private async Task<IResult> ShowAsync(string id, long? version, CancellationToken cancellationToken) =>
        Answers.Tagged(
            await engine.GetJobAsync(Read.Job(id), Read.Version(version), cancellationToken),
            JobMapping.ToDocument,
            ApiJson.Readable.JobDocument);

    private async Task<IResult> CancelAsync(string id, CancellationToken cancellationToken) =>
        Job(await engine.CancelAsync(Read.Job(id), cancellationToken));

    private async Task<IResult> PauseAsync(string id, CancellationToken cancellationToken) =>
        Job(await engine.PauseAsync(Read.Job(id), cancellationToken));

    private async Task<IResult> ResumeAsync(string id, CancellationToken cancellationToken) =>
        Job(await engine.ResumeAsync(Read.Job(id), cancellationToken));

    private async Task<IResult> RedriveAsync(string id, HttpContext http, CancellationToken cancellationToken) =>
        Job(await engine.RedriveAsync(Read.Job(id), null, IdempotencyKey.IdOf(http), cancellationToken));

    private async Task<IResult> EraseAsync(string id, CancellationToken cancellationToken) =>
        Job(await engine.ErasePayloadsAsync(Read.Job(id), null, cancellationToken));

    private async Task<IResult> EraseTaskAsync(string id, int index, CancellationToken cancellationToken) =>
        Job(await engine.ErasePayloadsAsync(Read.Job(id), index, cancellationToken));

    private async Task<IResult> TrimAsync(string id, CancellationToken cancellationToken) =>
        Job(await engine.TrimAsync(Read.Job(id), cancellationToken));

    private async Task<IResult> RedriveTaskAsync(
        string id, int index, HttpContext http, CancellationToken cancellationToken) =>
        Job(await engine.RedriveAsync(Read.Job(id), index, IdempotencyKey.IdOf(http), cancellationToken));

    private static IResult Job(Reply<JobSummary> reply) =>
        Answers.Json(reply, JobMapping.ToDocument, ApiJson.Readable.JobDocument);
}
