using System.Collections.Immutable;
using Elasticity.Api.Http;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Api.Work;

/// <summary>Between the messages and the domain: agents and their leases. On the hot path: one object for each
/// task.</summary>
internal static class WorkMapping
{
    private const int FailureCodeLengthMax = 256;

    public static AgentOffer ToOffer(RegisterAgent body) => new(
        Read.Texts(body.Kinds, "kinds"), body.Slots ?? 1, Read.Labels(body.Labels), IsInProcess: false);

    public static AgentDocument ToDocument(AgentView agent) => new()
    {
        Id = agent.Id.Value,
        Session = agent.Session.Value,
        State = agent.State,
        Kinds = agent.Offer.Kinds,
        Slots = agent.Offer.Slots,
        Labels = agent.Offer.Labels,
        IsInProcess = agent.Offer.IsInProcess,
        RegisteredAt = agent.RegisteredAt,
        SeenSecondsAgo = agent.SeenAgo.TotalSeconds,
        LeaseCount = agent.LeaseCount,
    };

    public static LeaseRequest ToRequest(LeaseTasks body, AgentId agent, SessionId session) => new(
        agent,
        session,
        Identifier.IsValid(body.RequestId)
            ? body.RequestId
            : throw Read.Invalid($"requestId is 1 to {Identifier.LengthMax} of [A-Za-z0-9._-]."),
        body.Max,
        Read.Seconds(body.WaitSeconds ?? 0),
        Read.Texts(body.Kinds, "kinds"));

    public static LeasedTasks ToDocument(LeaseGrant grant) => new() { Tasks = ToDocuments(grant.Tasks) };

    public static Heartbeat ToHeartbeat(SendHeartbeat body, AgentId agent, SessionId session)
    {
        ImmutableArray<HeldLease>.Builder leases = ImmutableArray.CreateBuilder<HeldLease>(body.Leases.Count);
        for (int i = 0; i < body.Leases.Count; i++)
        {
            HeldLeaseDocument held = Read.Element(body.Leases[i], "leases", i);
            leases.Add(new HeldLease(Read.Task(held.Job, held.Index), held.Token, held.Progress));
        }

        return new Heartbeat(agent, session, leases.DrainToImmutable());
    }

    public static HeartbeatAnswerDocument ToDocument(HeartbeatAnswer answer, Heartbeat asked)
    {
        List<LeaseNameDocument> cancelRequested = [];
        List<LeaseNameDocument> lost = [];
        for (int i = 0; i < answer.Leases.Length; i++)
        {
            List<LeaseNameDocument>? named = answer.Leases[i] switch
            {
                LeaseAnswer.Renewed => null,
                LeaseAnswer.CancelRequested => cancelRequested,
                _ => lost,
            };
            HeldLease held = asked.Leases[i];
            named?.Add(new LeaseNameDocument
            {
                Job = held.Task.Job.Value,
                Index = held.Task.Index,
                Token = held.Token,
            });
        }

        return new HeartbeatAnswerDocument
        {
            Renewed = answer.Leases.Length - lost.Count,
            CancelRequested = cancelRequested,
            Lost = lost,
            IsDraining = answer.IsDraining,
        };
    }

    public static SettleRequest ToRequest(SettleTasks body, AgentId agent, SessionId session)
    {
        ImmutableArray<TaskResult>.Builder results = ImmutableArray.CreateBuilder<TaskResult>(body.Results.Count);
        for (int i = 0; i < body.Results.Count; i++)
        {
            TaskResultInput result = Read.Element(body.Results[i], "results", i);
            results.Add(new TaskResult(
                Read.Task(result.Job, result.Index), result.Token, ToSettlement(result, i)));
        }

        return new SettleRequest(
            agent,
            session,
            results.DrainToImmutable(),
            body.Lease is null ? null : ToRequest(body.Lease, agent, session));
    }

    public static SettleAnswerDocument ToDocument(SettleAnswer answer)
    {
        List<RefusedResultDocument> refused = [];
        for (int i = 0; i < answer.Results.Length; i++)
        {
            if (answer.Results[i] is { } rejection)
            {
                refused.Add(new RefusedResultDocument
                {
                    Position = i,
                    Code = rejection.Code,
                    Detail = rejection.Detail,
                });
            }
        }

        return new SettleAnswerDocument
        {
            Recorded = answer.Results.Length - refused.Count,
            Refused = refused,
            Tasks = ToDocuments(answer.Leased),
            LeaseRejection = answer.LeaseRejection is not { } no
                ? null
                : new RejectionDocument { Code = no.Code, Detail = no.Detail },
        };
    }

    private static LeasedTaskDocument[] ToDocuments(ImmutableArray<LeasedTask> tasks)
    {
        if (tasks.IsDefaultOrEmpty)
        {
            return [];
        }

        LeasedTaskDocument[] documents = new LeasedTaskDocument[tasks.Length];
        for (int i = 0; i < documents.Length; i++)
        {
            LeasedTask task = tasks[i];
            documents[i] = new LeasedTaskDocument
            {
                Job = task.Task.Job.Value,
                Index = task.Task.Index,
                Name = task.Name,
                Kind = task.Kind,
                Payload = new RawJson(task.Payload.Bytes),
                Run = task.Run,
                Attempt = task.Attempt,
                Token = task.Token,
                LeaseSeconds = task.LeaseLength.TotalSeconds,
            };
        }

        return documents;
    }

    private static Settlement ToSettlement(TaskResultInput result, int place) => result switch
    {
        { Outcome: OutcomeWord.Succeeded, Failure: null } =>
            new Settlement.Succeeded(new Payload(result.Result.Utf8)),
        { Outcome: OutcomeWord.Failed, Failure: { } failure } =>
            new Settlement.Failed(ToFailure(failure, place), new Payload(result.Result.Utf8)),
        { Outcome: OutcomeWord.GivenBack, Failure: null, Result.IsNone: true } => new Settlement.GivenBack(),
        { Outcome: OutcomeWord.Succeeded or OutcomeWord.Failed or OutcomeWord.GivenBack } => throw Read.Invalid(
            $"results[{place}]: a failure goes with {OutcomeWord.Failed} and only with it, "
                + $"and a result not with {OutcomeWord.GivenBack}."),
        _ => throw Read.Invalid(
            $"results[{place}].outcome is {OutcomeWord.Succeeded}, {OutcomeWord.Failed} or {OutcomeWord.GivenBack}, "
                + $"not '{Identifier.Shorten(result.Outcome)}'."),
    };

    private static Failure ToFailure(FailureDocument failure, int place) =>
        failure.Code.Length is > 0 and <= FailureCodeLengthMax && Identifier.IsShowable(failure.Code)
            ? new Failure(failure.Code, failure.Message, failure.IsFinal ?? false)
            : throw Read.Invalid(
                $"results[{place}].failure.code is 1 to {FailureCodeLengthMax} characters without control characters.");
}
