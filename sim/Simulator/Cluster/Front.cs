using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator.Cluster;

/// <summary>Answers callers in one silo: asks the grains, and has delivered what follows. See
/// <c>src/Grains/FrontGrain.cs</c>.</summary>
internal sealed partial class Front(SiloProcess silo)
{
    private readonly SimCluster _cluster = silo.Cluster;

    private Limits Limits => silo.Plan.Engine.Core.Limits;

    /// <summary>Serves a call.</summary>
    /// <returns>The answer that the embedded engine would give in this case.</returns>
    public async Task<object> ServeAsync(Call call) => call.Input switch
    {
        CoreInput.ForJob i => await CommandAsync(i),
        CoreInput.ForAgent i => await CommandAsync(i.Agent, i.Command),
        CoreInput.Lease i => await LeaseAsync(i.Request, call),
        CoreInput.Beat i => await BeatAsync(i.Heartbeat),
        CoreInput.Settle i => await SettleAsync(i.Request),
        _ => throw new InvalidOperationException($"{call.Input.GetType().Name} is not asked of a cluster."),
    };

    /// <summary>The caller of a lease request is gone.</summary>
    public async Task HangUpAsync(Call call)
    {
        if (call.Input is CoreInput.Lease { Request: var r })
        {
            LeaseWait? wait = await _cluster.CallAsync<AgentGrain, LeaseWait?>(
                silo, GrainKind.Agent, r.Agent.Value, a => a.AbandonLeaseAsync(r.Session, r.RequestId));
            if (wait is not null)
            {
                await AbandonAsync(wait);
            }
        }
    }

    public Task TrimAsync(JobId job) =>
        _cluster.CallAsync<JobGrain, Rejection?>(silo, GrainKind.Job, job.Value, j => j.TrimAsync());

    private async Task<object> CommandAsync(CoreInput.ForJob input)
    {
        JobTold told = await _cluster.CallAsync<JobGrain, JobTold>(
            silo, GrainKind.Job, input.Job.Value, j => j.CommandAsync(input.Commands));
        await new Courier(silo).DeliverAsync(input.Job, told);
        return told.Answer;
    }

    private async Task<object> CommandAsync(AgentId agent, AgentCommand command)
    {
        AgentTold told = await _cluster.CallAsync<AgentGrain, AgentTold>(
            silo, GrainKind.Agent, agent.Value, a => a.CommandAsync(command));
        foreach (LeaseWait wait in told.Waits)
        {
            await AbandonAsync(wait);
        }

        await new Courier(silo).TakeBackAsync(told.Ended);
        return told.Reply;
    }

    private async Task<object> BeatAsync(Heartbeat heartbeat)
    {
        Reply<HeartbeatAnswer> reply = await AgentBeatAsync(heartbeat);
        if (!reply.IsAccepted || !reply.Value.Leases.Contains(LeaseAnswer.Unknown))
        {
            return reply;
        }

        bool[] stands = await WatchAgainAsync(heartbeat, reply.Value);
        Reply<HeartbeatAnswer> again = await AgentBeatAsync(heartbeat);
        return !again.IsAccepted ? again : (Reply<HeartbeatAnswer>)(again.Value.After(reply.Value, stands)
            ?? throw new CallFailedException("The agent's leases are not minded yet: it beats again."));
    }

    /// <summary>The agent's grain is younger than these leases, or they are over: their tasks know. While one of them
    /// cannot be reached nobody is told that its lease is lost; the agent beats again.</summary>
    private async Task<bool[]> WatchAgainAsync(Heartbeat heartbeat, HeartbeatAnswer answer)
    {
        int[] unknown =
        [
            .. Enumerable.Range(0, heartbeat.Leases.Length).Where(i => answer.Leases[i] == LeaseAnswer.Unknown),
        ];
        TaskTold[] told = await silo.Desk.LookAsync([.. unknown.Select(i => heartbeat.Leases[i].Task)]);
        await new Courier(silo, isRestoring: true).DeliverAsync(
            [.. told.SelectMany(t => t.Letters).Where(m => m.Message is Message.WatchLease)]);
        bool[] stands = new bool[heartbeat.Leases.Length];
        for (int i = 0; i < unknown.Length; i++)
        {
            stands[unknown[i]] = told[i].IsHeldBy(heartbeat.Holder, heartbeat.Leases[unknown[i]].Token);
        }

        return stands;
    }

    private Task<Reply<HeartbeatAnswer>> AgentBeatAsync(Heartbeat heartbeat) =>
        _cluster.CallAsync<AgentGrain, Reply<HeartbeatAnswer>>(
            silo, GrainKind.Agent, heartbeat.Agent.Value, a => a.BeatAsync(heartbeat));

    private async Task<object> SettleAsync(SettleRequest request)
    {
        Rejection?[] verdicts = [.. request.Results.Select(r => r.Settlement.Problem(Limits))];
        int[] places = [.. Enumerable.Range(0, verdicts.Length).Where(i => verdicts[i] is null)];
        TaskReply[] replies = await silo.Desk.CommandAsync(
            [.. places.Select(i => (request.Results[i].Task, (TaskCommand)Settle(request, request.Results[i])))]);
        for (int i = 0; i < places.Length; i++)
        {
            verdicts[places[i]] = replies[i].Told?.Rejection;
        }

        // Those that were reached are told on in any case; whoever reported the others does so again.
        Courier courier = new(silo);
        await courier.DeliverAsync([.. replies.SelectMany(r => r.Told?.Letters ?? [])]);
        if (Array.Exists(replies, r => r.Failure is not null))
        {
            throw new CallFailedException("Not every task could be reached.");
        }

        if (courier.MissedAnOutcome)
        {
            throw new CallFailedException("The results are recorded, but a job could not be told: report again.");
        }

        silo.Run(() => _cluster.CallAsync<AgentGrain>(
            silo, GrainKind.Agent, request.Agent.Value, a => a.SeenAsync(request.Session)));
        SettleAnswer answer = new([.. verdicts], [], null);
        if (request.Lease is not { } lease)
        {
            return (Reply<SettleAnswer>)answer;
        }

        Reply<LeaseGrant> leased = await LeaseAsync(lease with { Wait = TimeSpan.Zero }, call: null);
        return (Reply<SettleAnswer>)(leased.IsAccepted
            ? answer with { Leased = leased.Value.Tasks }
            : answer with { LeaseRejection = leased.Rejection });
    }

    private TaskCommand.Settle Settle(SettleRequest request, TaskResult result) => new(
        default, request.Holder, result.Token, result.Settlement.Within(Limits), 0);

    private async Task AbandonAsync(LeaseWait wait)
    {
        foreach (string kind in wait.Kinds)
        {
            await _cluster.CallAsync<QueueGrain>(silo, GrainKind.Queue, kind, q => q.AbandonAsync(wait.Ticket));
        }
    }
}
