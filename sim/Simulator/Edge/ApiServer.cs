using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Elasticity.Api;
using Elasticity.Api.Http;
using Elasticity.Api.Jobs;
using Elasticity.Api.Work;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;

namespace Elasticity.Simulator.Edge;

/// <summary>The API's half of a call: its reading, its checks, its mappings and its problems, without a host around
/// them. Which endpoint takes and gives what is written down once more here; see <c>src/Api/Jobs</c> and
/// <c>src/Api/Work</c>.</summary>
internal sealed class ApiServer(Limits limits)
{
    /// <summary>Everybody may do everything: the caller of a server without keys.</summary>
    private const string CallerName = "everybody";

    private readonly ApiOptions _options = new() { Limits = limits };

    public Limits Limits => limits;

    /// <summary>Reads a request.</summary>
    /// <exception cref="RefusedException">It is refused.</exception>
    public CoreInput Read(ApiRequest request) => request.Route switch
    {
        Routes.Jobs => Submit(Parse(request, ContractsJson.Default.SubmitJob, _options.SubmitBytesMax)),
        Routes.JobOpen => Job(request, Open(Parse(request, ContractsJson.Default.OpenJob))),
        Routes.Tasks => Job(request, Add(request, Parse(request, ContractsJson.Default.AddTasks))),
        Routes.JobSeal => Job(request, new JobCommand.Seal(default)),
        Routes.JobCancel => Job(request, new JobCommand.Cancel(default)),
        Routes.JobPause => Job(request, new JobCommand.Pause(default)),
        Routes.JobResume => Job(request, new JobCommand.Resume(default)),
        Routes.JobRedrive => Job(request, new JobCommand.Redrive(default, null, KeyOf(request))),
        Routes.TaskRedrive => Job(request, new JobCommand.Redrive(default, Number(request.Part!), KeyOf(request))),
        _ => ReadOfAgent(request, Api.Http.Read.Agent(request.Id), Api.Http.Read.Session(request.Part!)),
    };

    /// <summary>Writes an answer.</summary>
    public static ApiResponse Write(CoreInput asked, object answer) => answer switch
    {
        JobAnswer { Rejection: { } no } => Problem(no.Code, no.Detail, answer),
        JobAnswer a when IsStep(asked) =>
            Document(JobMapping.ToDocument(a.Progress), ApiJson.Readable.SubmitProgressDocument, a),
        JobAnswer a => Document(
            JobMapping.ToDocument(a.Job!), ApiJson.Readable.JobDocument, a, IsSubmit(asked) && !a.WasKnown ? 201 : 200),
        Reply<AgentView> a => Reply(a, WorkMapping.ToDocument, ApiJson.Readable.AgentDocument),
        Reply<LeaseGrant> a => Reply(a, WorkMapping.ToDocument, ContractsJson.Default.LeasedTasks),
        Reply<SettleAnswer> a => Reply(a, WorkMapping.ToDocument, ContractsJson.Default.SettleAnswerDocument),
        Reply<HeartbeatAnswer> a => Reply(
            a,
            v => WorkMapping.ToDocument(v, ((CoreInput.Beat)asked).Heartbeat),
            ContractsJson.Default.HeartbeatAnswerDocument),
        _ => throw new InvalidOperationException($"{answer.GetType().Name} does not go through the API."),
    };

    /// <summary>Writes a problem.</summary>
    public static ApiResponse Problem(string code, string detail, object? told = null)
    {
        ProblemKind kind = ProblemTable.Of(code);
        return new ApiResponse(
            kind.Status,
            Problems.BodyOf(code, detail),
            kind.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            told);
    }

    /// <summary>Whether a question is a step of a submit in chunks, and not its last.</summary>
    public static bool IsStep(CoreInput asked) =>
        asked is CoreInput.ForJob { Commands: [JobCommand.Open or JobCommand.AddTasks] };

    /// <summary>Whether a question is a whole job.</summary>
    public static bool IsSubmit(CoreInput asked) => asked is CoreInput.ForJob { Commands: [JobCommand.Open, _, ..] };

    private CoreInput ReadOfAgent(ApiRequest request, AgentId agent, SessionId session) =>
        (request.Method, request.Route) switch
        {
            ("PUT", Routes.Session) => new CoreInput.ForAgent(agent, new AgentCommand.Register(
                default, session, WorkMapping.ToOffer(Parse(request, ContractsJson.Default.RegisterAgent)))),
            ("DELETE", Routes.Session) =>
                new CoreInput.ForAgent(agent, new AgentCommand.EndSession(default, session, "closed")),
            (_, Routes.SessionDrain) => new CoreInput.ForAgent(agent, new AgentCommand.Drain(default, session)),
            (_, Routes.SessionLease) => new CoreInput.Lease(
                WorkMapping.ToRequest(Parse(request, ContractsJson.Default.LeaseTasks), agent, session)),
            (_, Routes.SessionSettle) => new CoreInput.Settle(
                WorkMapping.ToRequest(Parse(request, ContractsJson.Default.SettleTasks), agent, session)),
            (_, Routes.SessionHeartbeat) => new CoreInput.Beat(
                WorkMapping.ToHeartbeat(Parse(request, ContractsJson.Default.SendHeartbeat), agent, session)),
            _ => throw new RefusedException(ProblemCode.NotFound, $"{request.Method} {request.Route}"),
        };

    private T Parse<T>(ApiRequest request, JsonTypeInfo<T> type, int? bytesMax = null)
        where T : class
    {
        RequestBody.CheckLength(request.Body.Length, bytesMax ?? _options.BodyBytesMax);
        return RequestBody.Parse(request.Body, type);
    }

    private CoreInput Submit(SubmitJob body)
    {
        Reply<JobSubmission> read = JobMapping.ToSubmission(body, keyed: null, _options.Limits);
        if (!read.IsAccepted)
        {
            throw new RefusedException(read.Rejection.Code, read.Rejection.Detail);
        }

        // As JobSubmitter does with what fits one chunk; nobody here sends more at once.
        (JobId id, JobHeader header, IReadOnlyList<TaskSpec> tasks) = read.Value;
        JobCommand open = new JobCommand.Open(default, header, JobDigest.Of(header.Policy, tasks), tasks.Count);
        return new CoreInput.ForJob(
            id,
            tasks.Count == 0
                ? [open, new JobCommand.Seal(default)]
                : [open, new JobCommand.AddTasks(default, 0, [.. tasks]), new JobCommand.Seal(default)]);
    }

    private static JobCommand Open(OpenJob body) => new JobCommand.Open(
        default, JobMapping.ToHeader(body.Name, body.Policy, body.Labels), JobMapping.ToDigest(body), body.TaskCount);

    private static JobCommand Add(ApiRequest request, AddTasks body) => new JobCommand.AddTasks(
        default, JobMapping.ToFirst(request.First is { } text ? Number(text) : null), JobMapping.ToChunk(body));

    private static CoreInput Job(ApiRequest request, JobCommand command) =>
        new CoreInput.ForJob(Api.Http.Read.Job(request.Id), [command]);

    private static string? KeyOf(ApiRequest request) =>
        request.Key is { } key ? IdempotencyKey.IdOf(key, CallerName) : null;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static ApiResponse Reply<TValue, T>(Reply<TValue> reply, Func<TValue, T> map, JsonTypeInfo<T> type)
        where TValue : class => reply.IsAccepted
        ? Document(map(reply.Value), type, reply)
        : Problem(reply.Rejection.Code, reply.Rejection.Detail, reply);

    private static ApiResponse Document<T>(T document, JsonTypeInfo<T> type, object told, int status = 200) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(document, type), null, told);
}
