using System.Globalization;

namespace Elasticity.Contracts;

/// <summary>Every path of the API: the patterns that the server maps, and methods that fill them in for
/// clients.</summary>
/// <remarks>Ids are made of <c>[A-Za-z0-9._-]</c>, so they need no escaping in a path.</remarks>
public static class Routes
{
    /// <summary>GET lists, POST submits a whole job.</summary>
    public const string Jobs = "/v1/jobs";

    /// <summary>GET shows.</summary>
    public const string Job = "/v1/jobs/{id}";

    /// <summary>POST begins a submit in chunks.</summary>
    public const string JobOpen = "/v1/jobs/{id}/open";

    /// <summary>POST ends a submit in chunks.</summary>
    public const string JobSeal = "/v1/jobs/{id}/seal";

    /// <summary>POST.</summary>
    public const string JobCancel = "/v1/jobs/{id}/cancel";

    /// <summary>POST.</summary>
    public const string JobPause = "/v1/jobs/{id}/pause";

    /// <summary>POST.</summary>
    public const string JobResume = "/v1/jobs/{id}/resume";

    /// <summary>POST: all dead-lettered tasks of the job.</summary>
    public const string JobRedrive = "/v1/jobs/{id}/redrive";

    /// <summary>POST: the inputs and results of all tasks of an ended job.</summary>
    public const string JobErase = "/v1/jobs/{id}/erase";

    /// <summary>POST: removes the events of an ended job; a tombstone stays.</summary>
    public const string JobTrim = "/v1/jobs/{id}/trim";

    /// <summary>GET: its events.</summary>
    public const string JobHistory = "/v1/jobs/{id}/history";

    /// <summary>GET: server-sent events, one for each change.</summary>
    public const string JobWatch = "/v1/jobs/{id}/watch";

    /// <summary>GET lists, POST adds the next chunk of a submit.</summary>
    public const string Tasks = "/v1/jobs/{id}/tasks";

    /// <summary>GET shows.</summary>
    public const string Task = "/v1/jobs/{id}/tasks/{index}";

    /// <summary>GET: the input alone, byte for byte.</summary>
    public const string TaskPayload = "/v1/jobs/{id}/tasks/{index}/payload";

    /// <summary>GET: the result alone, byte for byte.</summary>
    public const string TaskResult = "/v1/jobs/{id}/tasks/{index}/result";

    /// <summary>POST: input and results of this task of an ended job.</summary>
    public const string TaskErase = "/v1/jobs/{id}/tasks/{index}/erase";

    /// <summary>POST: this task again.</summary>
    public const string TaskRedrive = "/v1/jobs/{id}/tasks/{index}/redrive";

    /// <summary>GET: its events.</summary>
    public const string TaskHistory = "/v1/jobs/{id}/tasks/{index}/history";

    /// <summary>GET lists.</summary>
    public const string Agents = "/v1/agents";

    /// <summary>GET: its events.</summary>
    public const string AgentHistory = "/v1/agents/{id}/history";

    /// <summary>PUT registers, DELETE ends the session.</summary>
    public const string Session = "/v1/agents/{id}/sessions/{session}";

    /// <summary>POST: leases, with a long poll.</summary>
    public const string SessionLease = "/v1/agents/{id}/sessions/{session}/lease";

    /// <summary>POST: results.</summary>
    public const string SessionSettle = "/v1/agents/{id}/sessions/{session}/settle";

    /// <summary>POST: a sign of life.</summary>
    public const string SessionHeartbeat = "/v1/agents/{id}/sessions/{session}/heartbeat";

    /// <summary>POST: finish, take nothing new.</summary>
    public const string SessionDrain = "/v1/agents/{id}/sessions/{session}/drain";

    /// <summary>GET: the whole log from a cursor; as server-sent events with
    /// <c>Accept: text/event-stream</c>.</summary>
    public const string Log = "/v1/log";

    /// <summary>GET lists.</summary>
    public const string Queues = "/v1/queues";

    /// <summary>GET: what is overdue, stuck or wanting, and why.</summary>
    public const string Doctor = "/v1/doctor";

    /// <summary>GET: how the engine is.</summary>
    public const string Status = "/v1/status";

    /// <summary>GET: the process lives.</summary>
    public const string Healthz = "/healthz";

    /// <summary>GET: it serves, and does not lag.</summary>
    public const string Readyz = "/readyz";

    /// <summary>GET: Prometheus text.</summary>
    public const string Metrics = "/metrics";

    /// <summary>GET: the OpenAPI document.</summary>
    public const string OpenApi = "/openapi/v1.json";

    /// <summary>GET: what a problem's type is about.</summary>
    public const string Problem = "/problems/{code}";

    /// <summary>The path of a job, or of something below it.</summary>
    /// <param name="pattern">One of the constants with <c>{id}</c>.</param>
    /// <param name="id">The job or agent.</param>
    /// <returns>The path.</returns>
    public static string Of(string pattern, string id) => pattern.Replace("{id}", id, StringComparison.Ordinal);

    /// <summary>The path of a task, or of something below it.</summary>
    /// <param name="pattern">One of the constants with <c>{index}</c>.</param>
    /// <param name="id">The job.</param>
    /// <param name="index">The task.</param>
    /// <returns>The path.</returns>
    public static string Of(string pattern, string id, int index) => Of(pattern, id)
        .Replace("{index}", index.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>The path of a session, or of something below it.</summary>
    /// <param name="pattern">One of the constants with <c>{session}</c>.</param>
    /// <param name="agent">The agent.</param>
    /// <param name="session">The session.</param>
    /// <returns>The path.</returns>
    public static string Of(string pattern, string agent, string session) =>
        Of(pattern, agent).Replace("{session}", session, StringComparison.Ordinal);
}

/// <summary>The headers that mean something here, beyond those of HTTP itself.</summary>
public static class HeaderName
{
    /// <summary>On <c>POST /v1/jobs</c> and on redrives: makes a retry the same request; 1 to 256 printable ASCII
    /// characters.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>On server-sent events: the last <c>id</c> seen; the stream goes on behind it.</summary>
    public const string LastEventId = "Last-Event-ID";
}
