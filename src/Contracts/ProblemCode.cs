namespace Elasticity.Contracts;

/// <summary>The codes that only HTTP knows. Those of the domain are in docs/reference/rejections.md; all are stable.
/// <c>docs/reference/problems.md</c> has a line for each, with its status.</summary>
public static class ProblemCode
{
    /// <summary>400: the body is not JSON in UTF-8, is nested too deeply, or names a member twice.</summary>
    public const string BadJson = "bad-json";

    /// <summary>400: the body has a member that nobody knows.</summary>
    public const string UnknownField = "unknown-field";

    /// <summary>400: the query has a parameter that nobody knows.</summary>
    public const string UnknownParameter = "unknown-parameter";

    /// <summary>400: the request breaks HTTP itself.</summary>
    public const string BadRequest = "bad-request";

    /// <summary>401: no API key, or an unknown one.</summary>
    public const string Unauthorized = "unauthorized";

    /// <summary>403: the API key has not the role.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>403: without API keys, the server answers to <c>localhost</c> only, and to no other web page.</summary>
    public const string HostNotAllowed = "host-not-allowed";

    /// <summary>404: there is no such path.</summary>
    public const string NotFound = "not-found";

    /// <summary>404: the task has no payload or no result.</summary>
    public const string NoContent = "no-content";

    /// <summary>404: no agent ever registered under this id.</summary>
    public const string AgentUnknown = "agent-unknown";

    /// <summary>404: the cursor is beyond the end of the log, because an older copy of it was put back.</summary>
    public const string CursorUnknown = "cursor-unknown";

    /// <summary>405: the path exists, but not with this method.</summary>
    public const string MethodNotAllowed = "method-not-allowed";

    /// <summary>408: the body came too slowly.</summary>
    public const string RequestTimeout = "request-timeout";

    /// <summary>413: the body is larger than the limit of this path.</summary>
    public const string BodyTooLarge = "body-too-large";

    /// <summary>415: the body must be <c>application/json</c>.</summary>
    public const string UnsupportedMediaType = "unsupported-media-type";

    /// <summary>429: too many streams of server-sent events are open.</summary>
    public const string TooManyStreams = "too-many-streams";

    /// <summary>500: a defect of the server; its log says more.</summary>
    public const string InternalError = "internal-error";

    /// <summary>429: the engine's bounded queue, or the memory for request bodies, is full; nothing was done.</summary>
    public const string EngineOverloaded = "engine-overloaded";

    /// <summary>503: the engine reads its log.</summary>
    public const string EngineStarting = "engine-starting";

    /// <summary>503: another server owns the database.</summary>
    public const string EngineStandby = "engine-standby";

    /// <summary>503: the server stops.</summary>
    public const string EngineStopping = "engine-stopping";

    /// <summary>503: the engine met a defect and reads its log again.</summary>
    public const string EngineFailed = "engine-failed";

    /// <summary>503: the engine is behind: on <c>/readyz</c> only.</summary>
    public const string EngineLag = "engine-lag";
}
