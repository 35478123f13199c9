using Elasticity.Api.Http;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Elasticity.Api.Jobs;

/// <summary>Submitting jobs, whole or in chunks.</summary>
internal sealed class SubmitEndpoints(IElasticity engine, ApiOptions options)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Routes.Jobs, SubmitAsync)
            .Means("submitJob", ApiRoles.Submit, "Submits a whole job.")
            .Takes<SubmitJob>()
            .Gives<JobDocument>(201, "It is accepted: stored, and never lost.")
            .Gives<JobDocument>(200, "The same job had been submitted before.")
            .Header(HeaderName.IdempotencyKey, "Makes a retry the same job; instead of an id.");
        routes.MapPost(Routes.JobOpen, OpenAsync)
            .Means("openJob", ApiRoles.Submit, "Begins a submit in chunks, or takes it up again.")
            .Takes<OpenJob>().Gives<SubmitProgressDocument>();
        routes.MapPost(Routes.Tasks, AddTasksAsync)
            .Means("addTasks", ApiRoles.Submit, "Adds the next chunk of a submit.")
            .Takes<AddTasks>().Gives<SubmitProgressDocument>();
        routes.MapPost(Routes.JobSeal, SealAsync)
            .Means("sealJob", ApiRoles.Submit, "Ends a submit in chunks: the job is accepted.")
            .Gives<JobDocument>();
    }

    private async Task<IResult> SubmitAsync(HttpContext http, CancellationToken cancellationToken)
    {
        (Reply<JobSubmission> read, bool isKeyed) = await ReadAsync(http);
        if (!read.IsAccepted)
        {
            return Problems.Of(read.Rejection);
        }

        Reply<SubmitReceipt> reply = await engine.SubmitAsync(read.Value, cancellationToken);
        if (!reply.IsAccepted)
        {
            return reply.Rejection.Code == RejectionCode.JobExists && isKeyed
                ? Problems.Of(RejectionCode.IdempotencyMismatch, "The Idempotency-Key was used for another job.")
                : Problems.Of(reply.Rejection);
        }

        JobDocument document = JobMapping.ToDocument(reply.Value.Job);
        return reply.Value.IsNew
            ? Answers.Created(Routes.Of(Routes.Job, document.Id), document, ApiJson.Readable.JobDocument)
            : Answers.Json(document, ApiJson.Readable.JobDocument);
    }

    // A method of its own: what it read, up to 64 MiB, is garbage before the engine has made the job durable.
    private async ValueTask<(Reply<JobSubmission> Submission, bool IsKeyed)> ReadAsync(HttpContext http)
    {
        string? keyed = IdempotencyKey.IdOf(http);
        SubmitJob body = await RequestBody.ReadAsync(http, ContractsJson.Default.SubmitJob, options.SubmitBytesMax);
        return (JobMapping.ToSubmission(body, keyed, options.Limits), keyed is not null);
    }

    private async Task<IResult> OpenAsync(string id, HttpContext http, CancellationToken cancellationToken)
    {
        OpenJob body = await RequestBody.ReadAsync(http, ContractsJson.Default.OpenJob, options.BodyBytesMax);
        string digest = JobMapping.ToDigest(body);
        return Answers.Json(
            await engine.OpenAsync(
                Read.Job(id),
                JobMapping.ToHeader(body.Name, body.Policy, body.Labels),
                digest,
                body.TaskCount,
                cancellationToken),
            JobMapping.ToDocument,
            ApiJson.Readable.SubmitProgressDocument);
    }

    private async Task<IResult> AddTasksAsync(
        string id, int? first, HttpContext http, CancellationToken cancellationToken)
    {
        AddTasks body = await RequestBody.ReadAsync(http, ContractsJson.Default.AddTasks, options.BodyBytesMax);
        return Answers.Json(
            await engine.AddTasksAsync(
                Read.Job(id),
                JobMapping.ToFirst(first),
                JobMapping.ToChunk(body),
                cancellationToken),
            JobMapping.ToDocument,
            ApiJson.Readable.SubmitProgressDocument);
    }

    private async Task<IResult> SealAsync(string id, CancellationToken cancellationToken) =>
        Answers.Json(
            await engine.SealAsync(Read.Job(id), cancellationToken),
            JobMapping.ToDocument,
            ApiJson.Readable.JobDocument);
}
