using System.Collections.Immutable;
using System.Diagnostics;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Client.Http;

/// <summary>Between the domain and the messages: agents and their leases.</summary>
internal static class WorkMapping
{
    public static RegisterAgent ToMessage(AgentOffer offer) => new()
    {
        Kinds = offer.Kinds.IsDefault ? [] : offer.Kinds,
        Slots = offer.Slots,
        Labels = offer.Labels,
    };

    public static AgentView ToView(AgentDocument agent) => new(
        new AgentId(agent.Id),
        new SessionId(agent.Session),
        agent.State,
        new AgentOffer(
            [.. agent.Kinds],
            agent.Slots,
            agent.Labels.ToImmutableSortedDictionary(StringComparer.Ordinal),
            agent.IsInProcess),
        agent.RegisteredAt,
        Seconds.ToTime(agent.SeenSecondsAgo),
        agent.LeaseCount);

    public static LeaseTasks ToMessage(LeaseRequest request) => new()
    {
        RequestId = request.RequestId,
        Max = request.Max,
        WaitSeconds = request.Wait == TimeSpan.Zero ? null : Seconds.Of(request.Wait),
        Kinds = request.Kinds.IsDefaultOrEmpty ? null : request.Kinds,
    };

    public static ImmutableArray<LeasedTask> ToLeased(IReadOnlyList<LeasedTaskDocument> tasks)
    {
        ImmutableArray<LeasedTask>.Builder leased = ImmutableArray.CreateBuilder<LeasedTask>(tasks.Count);
        foreach (LeasedTaskDocument task in tasks)
        {
            leased.Add(new LeasedTask(
                new TaskId(new JobId(task.Job), task.Index),
                task.Name,
                task.Kind,
                new Payload(task.Payload.Utf8),
                task.Run,
                task.Attempt,
                task.Token,
                Seconds.ToTime(task.LeaseSeconds)));
        }

        return leased.MoveToImmutable();
    }

    public static SendHeartbeat ToMessage(Heartbeat heartbeat) => new()
    {
        Leases =
        [
            .. (heartbeat.Leases.IsDefault ? [] : heartbeat.Leases).Select(l => new HeldLeaseDocument
            {
                Job = l.Task.Job.Value,
                Index = l.Task.Index,
                Token = l.Token,
                Progress = l.Progress,
            }),
        ],
    };

    public static HeartbeatAnswer ToAnswer(HeartbeatAnswerDocument answer, Heartbeat asked)
    {
        Dictionary<(string, int, long), LeaseAnswer> named = [];
        foreach (LeaseNameDocument name in answer.CancelRequested)
        {
            named[(name.Job, name.Index, name.Token)] = LeaseAnswer.CancelRequested;
        }

        foreach (LeaseNameDocument name in answer.Lost)
        {
            named[(name.Job, name.Index, name.Token)] = LeaseAnswer.Lost;
        }

        return new HeartbeatAnswer(
            [
                .. (asked.Leases.IsDefault ? [] : asked.Leases).Select(l => named.GetValueOrDefault(
                    (l.Task.Job.Value, l.Task.Index, l.Token), LeaseAnswer.Renewed)),
            ],
            answer.IsDraining);
    }

    public static SettleTasks ToMessage(SettleRequest request) => new()
    {
        Results = request.Results.IsDefault ? [] : [.. request.Results.Select(ToMessage)],
        Lease = request.Lease is null ? null : ToMessage(request.Lease),
    };

    public static SettleAnswer ToAnswer(SettleAnswerDocument answer, int resultCount)
    {
        Rejection?[] verdicts = new Rejection?[resultCount];
        foreach (RefusedResultDocument refused in answer.Refused)
        {
            verdicts[refused.Position] = new Rejection(refused.Code, refused.Detail);
        }

        return new SettleAnswer(
            [.. verdicts],
            ToLeased(answer.Tasks),
            answer.LeaseRejection is not { } rejection ? null : new Rejection(rejection.Code, rejection.Detail));
    }

    private static TaskResultInput ToMessage(TaskResult result)
    {
        (string outcome, Payload payload, Failure? failure) = result.Settlement switch
        {
            Settlement.Succeeded s => (OutcomeWord.Succeeded, s.Result, null),
            Settlement.Failed s => (OutcomeWord.Failed, s.Result, s.Failure),
            Settlement.GivenBack => (OutcomeWord.GivenBack, Payload.None, null),
            _ => throw new UnreachableException($"Unknown settlement {result.Settlement.GetType().Name}."),
        };
        return new TaskResultInput
        {
            Job = result.Task.Job.Value,
            Index = result.Task.Index,
            Token = result.Token,
            Outcome = outcome,
            Result = new RawJson(payload.Bytes),
            Failure = failure is null ? null : new FailureDocument
            {
                // The engine cuts it here too; HTTP refuses what is much longer.
                Code = failure.Code[..Math.Min(Identifier.LengthMax, failure.Code.Length)],
                Message = failure.Message,
                IsFinal = failure.IsFinal,
            },
        };
    }
}
