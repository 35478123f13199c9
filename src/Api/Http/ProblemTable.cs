using System.Collections.Frozen;
using Elasticity.Contracts;
using Elasticity.Domain;
using Microsoft.AspNetCore.Http;

namespace Elasticity.Api.Http;

/// <summary>What a code means in HTTP.</summary>
/// <param name="Status">The status.</param>
/// <param name="Title">The same for every occurrence.</param>
/// <param name="RetryAfterSeconds">When it is worth trying again; null when trying again is no remedy.</param>
internal sealed record ProblemKind(int Status, string Title, int? RetryAfterSeconds = null);

/// <summary>Every code and its status. <c>docs/reference/problems.md</c> shows it, held to it by a test.</summary>
internal static class ProblemTable
{
    private static readonly ProblemKind OtherRejection =
        new(StatusCodes.Status422UnprocessableEntity, "The engine refused the request.");

    private static readonly ProblemKind OtherUnavailable =
        new(StatusCodes.Status503ServiceUnavailable, "The engine does not serve now.", 5);

    public static FrozenDictionary<string, ProblemKind> Kinds { get; } = new Dictionary<string, ProblemKind>
    {
        [ProblemCode.BadJson] = new(400, "The body is not well-formed JSON."),
        [ProblemCode.UnknownField] = new(400, "The body has a member that nobody knows."),
        [ProblemCode.UnknownParameter] = new(400, "The query has a parameter that nobody knows."),
        [ProblemCode.BadRequest] = new(400, "The request breaks HTTP itself."),
        [RejectionCode.Invalid] = new(400, "A value is missing, of the wrong type, or outside its range."),

        [ProblemCode.Unauthorized] = new(401, "An API key is needed."),
        [ProblemCode.Forbidden] = new(403, "The API key has not the role."),
        [ProblemCode.HostNotAllowed] = new(403, "Without API keys the server answers to localhost only."),

        [ProblemCode.NotFound] = new(404, "There is no such path."),
        [ProblemCode.NoContent] = new(404, "There is nothing to show."),
        [ProblemCode.CursorUnknown] = new(404, "The cursor is beyond the end of the log."),
        [ProblemCode.AgentUnknown] = new(404, "No agent has this id."),
        [RejectionCode.JobUnknown] = new(404, "No job has this id."),
        [RejectionCode.TaskUnknown] = new(404, "The job has no such task."),
        [RejectionCode.SessionUnknown] = new(404, "The session is not, or no longer, registered."),

        [ProblemCode.MethodNotAllowed] = new(405, "The path exists, but not with this method."),
        [ProblemCode.RequestTimeout] = new(408, "The body came too slowly."),

        [RejectionCode.JobExists] = new(409, "A job with this id but other tasks or another policy exists."),
        [RejectionCode.JobIncomplete] = new(409, "The submit is not where the request thinks it is."),
        [RejectionCode.DigestMismatch] = new(409, "The tasks are not those that were announced."),
        [RejectionCode.JobState] = new(409, "The job cannot do this in its state."),
        [RejectionCode.TaskState] = new(409, "The task cannot do this in its state."),
        [RejectionCode.NotReady] = new(409, "The task cannot be leased now."),
        [RejectionCode.LeaseLost] = new(409, "The token is not the current one."),
        [RejectionCode.AgentSuperseded] = new(409, "The agent registered again: this session is over."),
        [RejectionCode.AgentDraining] = new(409, "The session drains and gets no new leases."),

        [ProblemCode.BodyTooLarge] = new(413, "The body is larger than the limit."),
        [ProblemCode.UnsupportedMediaType] = new(415, "The body must be application/json."),

        [RejectionCode.LimitExceeded] = new(422, "More than a documented limit allows."),
        [RejectionCode.DependencyUnknown] = new(422, "A dependency names a task that is not in the job."),
        [RejectionCode.DependencyCycle] = new(422, "The dependencies form a cycle."),
        [RejectionCode.IdempotencyMismatch] = new(422, "The Idempotency-Key was used for something else."),

        [ProblemCode.TooManyStreams] = new(429, "Too many event streams are open.", 5),
        [ProblemCode.EngineOverloaded] = new(429, "Too much waits already; nothing was done.", 1),
        [ProblemCode.InternalError] = new(500, "The server has a defect; its log says more."),
        [ProblemCode.EngineStarting] = new(503, "The engine reads its log.", 1),
        [ProblemCode.EngineStandby] = new(503, "Another server owns the database.", 5),
        [ProblemCode.EngineStopping] = new(503, "The server stops.", 5),
        [ProblemCode.EngineFailed] = new(503, "The engine met a defect and reads its log again.", 5),
        [ProblemCode.EngineLag] = new(503, "The engine is behind.", 1),
        ["store-unavailable"] = new(503, "The database cannot be reached.", 5),
        ["store-full"] = new(503, "The disk or its quota is full.", 30),
        ["store-locked"] = new(503, "Another process owns the data.", 30),
        ["store-read-only"] = new(503, "The database cannot be written.", 30),
        ["store-corrupt"] = new(503, "The stored bytes contradict their format."),
        ["store-version"] = new(503, "The data belongs to another release or engine."),
        ["store-lag"] = new(503, "The log is behind what is stored.", 5),
        ["store-failed"] = new(503, "The database failed.", 5),
    }.ToFrozenDictionary();

    /// <summary>Looks up a code; never fails, for engines may know more codes than this table.</summary>
    public static ProblemKind Of(string code) =>
        Kinds.TryGetValue(code, out ProblemKind? kind) ? kind
        : code.StartsWith("engine-", StringComparison.Ordinal) || code.StartsWith("store-", StringComparison.Ordinal)
            ? OtherUnavailable
        : OtherRejection;
}
