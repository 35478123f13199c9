using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Elasticity.Client.Http;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator.Edge;

/// <summary>The client's half of a call: the mappings of <c>src/Client.Http</c>, and what it makes of an
/// answer.</summary>
internal static class ApiClient
{
    /// <summary>Writes a question.</summary>
    public static ApiRequest Write(CoreInput input) => input switch
    {
        CoreInput.ForJob i => OfJob(i.Job.Value, i),
        CoreInput.ForAgent { Command: AgentCommand.Register c } i => OfSession(
            "PUT", Routes.Session, i.Agent, c.Session, WorkMapping.ToMessage(c.Offer),
            ContractsJson.Default.RegisterAgent),
        CoreInput.ForAgent { Command: AgentCommand.Drain c } i => OfSession(
            "POST", Routes.SessionDrain, i.Agent, c.Session),
        CoreInput.ForAgent { Command: AgentCommand.EndSession c } i => OfSession(
            "DELETE", Routes.Session, i.Agent, c.Session),
        CoreInput.Lease { Request: var r } => OfSession(
            "POST", Routes.SessionLease, r.Agent, r.Session, WorkMapping.ToMessage(r),
            ContractsJson.Default.LeaseTasks),
        CoreInput.Settle { Request: var r } => OfSession(
            "POST", Routes.SessionSettle, r.Agent, r.Session, WorkMapping.ToMessage(r),
            ContractsJson.Default.SettleTasks),
        CoreInput.Beat { Heartbeat: var b } => OfSession(
            "POST", Routes.SessionHeartbeat, b.Agent, b.Session, WorkMapping.ToMessage(b),
            ContractsJson.Default.SendHeartbeat),
        _ => throw new InvalidOperationException($"{input.GetType().Name} does not go through the API."),
    };

    /// <summary>Reads what came back.</summary>
    /// <param name="asked">What was asked.</param>
    /// <param name="response">What came.</param>
    /// <returns>The answer, as the engine would give it where that is known to a client; or
    /// <see cref="Failed"/>.</returns>
    public static object Read(CoreInput asked, ApiResponse response)
    {
        try
        {
            return asked switch
            {
                CoreInput.ForJob when ApiServer.IsStep(asked) => Answer(
                    Reply(response, ContractsJson.Tolerant.SubmitProgressDocument, JobMapping.ToProgress),
                    progress => new JobAnswer(null, progress, WasKnown: false, null)),
                CoreInput.ForJob => Answer(
                    Reply(response, ContractsJson.Tolerant.JobDocument, JobMapping.ToSummary),
                    job => new JobAnswer(
                        job,
                        new SubmitProgress(job.TaskCount, IsSealed: true),
                        WasKnown: ApiServer.IsSubmit(asked) && response.Status != 201,
                        null)),
                CoreInput.ForAgent => Reply(response, ContractsJson.Tolerant.AgentDocument, WorkMapping.ToView),
                CoreInput.Lease => Reply(
                    response, ContractsJson.Tolerant.LeasedTasks, d => new LeaseGrant(WorkMapping.ToLeased(d.Tasks))),
                CoreInput.Settle { Request: var r } => Reply(
                    response, ContractsJson.Tolerant.SettleAnswerDocument,
                    d => WorkMapping.ToAnswer(d, r.Results.Length)),
                CoreInput.Beat { Heartbeat: var b } => Reply(
                    response, ContractsJson.Tolerant.HeartbeatAnswerDocument, d => WorkMapping.ToAnswer(d, b)),
                _ => throw new InvalidOperationException($"{asked.GetType().Name} does not go through the API."),
            };
        }
        catch (EngineUnavailableException e)
        {
            return new Failed(e.Code);
        }
    }

    private static JobAnswer Answer<T>(Reply<T> reply, Func<T, JobAnswer> map)
        where T : class => reply.IsAccepted
        ? map(reply.Value)
        : new JobAnswer(null, new SubmitProgress(0, IsSealed: false), WasKnown: false, reply.Rejection);

    private static Reply<TView> Reply<T, TView>(ApiResponse response, JsonTypeInfo<T> type, Func<T, TView> map)
        where T : class
        where TView : class => HttpElasticity.Reply(
            response.IsSuccess
                ? new Answered<T>(ContractsJson.Read(response.Body, type), null, response.Status, null)
                : new Answered<T>(
                    null,
                    ContractsJson.Read(response.Body, ContractsJson.Tolerant.ProblemDocument),
                    response.Status,
                    response.RetryAfter),
            map);

    private static ApiRequest OfJob(string job, CoreInput.ForJob input) => input.Commands switch
    {
        [JobCommand.Open c] => OfJob(
            Routes.JobOpen, job, JobMapping.ToMessage(c.Header, c.Digest, c.TaskCount), ContractsJson.Default.OpenJob),
        [JobCommand.AddTasks c] => OfJob(
            Routes.Tasks, job, new AddTasks { Tasks = JobMapping.ToInputs(c.Tasks) }, ContractsJson.Default.AddTasks)
            with { First = Text(c.First) },
        [JobCommand.Seal] => OfJob(Routes.JobSeal, job),
        [JobCommand.Cancel] => OfJob(Routes.JobCancel, job),
        [JobCommand.Pause] => OfJob(Routes.JobPause, job),
        [JobCommand.Resume] => OfJob(Routes.JobResume, job),
        [JobCommand.Redrive { Index: { } index } c] =>
            OfJob(Routes.TaskRedrive, job) with { Part = Text(index), Key = c.Request },
        [JobCommand.Redrive c] => OfJob(Routes.JobRedrive, job) with { Key = c.Request },
        [JobCommand.Open c, .., JobCommand.Seal] => OfJob(
            Routes.Jobs,
            string.Empty,
            JobMapping.ToMessage(new JobSubmission(
                input.Job,
                c.Header,
                input.Commands.OfType<JobCommand.AddTasks>().FirstOrDefault()?.Tasks ?? [])),
            ContractsJson.Default.SubmitJob),
        _ => throw new InvalidOperationException("No client sends these together."),
    };

    private static ApiRequest OfJob(string route, string job) => new("POST", route, job, null, null, null, []);

    private static ApiRequest OfJob<T>(string route, string job, T body, JsonTypeInfo<T> type) =>
        OfJob(route, job) with { Body = JsonSerializer.SerializeToUtf8Bytes(body, type) };

    private static ApiRequest OfSession(string method, string route, AgentId agent, SessionId session) =>
        new(method, route, agent.Value, session.Value, null, null, []);

    private static ApiRequest OfSession<T>(
        string method, string route, AgentId agent, SessionId session, T body, JsonTypeInfo<T> type) =>
        OfSession(method, route, agent, session) with { Body = JsonSerializer.SerializeToUtf8Bytes(body, type) };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
