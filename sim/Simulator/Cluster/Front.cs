using System.Collections.Immutable;
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

        // The agent's grain is younger than the lease, or the lease is over: its task knows. One that cannot be asked
        // is not lost: the agent beats again.
        LeaseAnswer[] answers = [.. reply.Value.Leases];
        int[] unknown = [.. Enumerable.Range(0, answers.Length).Where(i => answers[i] == LeaseAnswer.Unknown)];
        TaskTold[] told = await Task.WhenAll(unknown.Select(i => _cluster.CallAsync<TaskGrain, TaskTold>(
            silo, GrainKind.Task, Courier.KeyOf(heartbeat.Leases[i].Task), t => t.StandsAsync())));
        await new Courier(silo, isRestoring: true).DeliverAsync(
            [.. told.SelectMany(t => t.Letters).Where(m => m.Message is Message.WatchLease)]);
        reply = await AgentBeatAsync(heartbeat);
        if (!reply.IsAccepted)
        {
            return reply;
        }

        for (int i = 0; i < unknown.Length; i++)
        {
            HeldLease held = heartbeat.Leases[unknown[i]];
            LeaseAnswer again = reply.Value.Leases[unknown[i]];
            bool isCurrent = told[i].Lease is { } lease && lease.Token == held.Token
                && lease.Holder == heartbeat.Holder;
            answers[unknown[i]] = again != LeaseAnswer.Unknown ? again
                : !isCurrent ? LeaseAnswer.Lost
                : throw new CallFailedException("The agent's grain has just moved.");
        }

        return (Reply<HeartbeatAnswer>)(reply.Value with { Leases = [.. answers] });
    }

    private Task<Reply<HeartbeatAnswer>> AgentBeatAsync(Heartbeat heartbeat) =>
        _cluster.CallAsync<AgentGrain, Reply<HeartbeatAnswer>>(
            silo, GrainKind.Agent, heartbeat.Agent.Value, a => a.BeatAsync(heartbeat));

    private async Task<object> SettleAsync(SettleRequest request)
    {
        Rejection?[] verdicts = new Rejection?[request.Results.Length];
        ImmutableArray<Letter>[] letters = new ImmutableArray<Letter>[verdicts.Length];
        bool isAnyLost = false;
        await Task.WhenAll(Enumerable.Range(0, verdicts.Length).Select(SettleOneAsync));
        await new Courier(silo).DeliverAsync([.. letters.Where(l => !l.IsDefault).SelectMany(l => l)]);
        if (isAnyLost)
        {
            throw new CallFailedException("Not every task could be reached.");
        }

        await _cluster.CallAsync<AgentGrain>(
            silo, GrainKind.Agent, request.Agent.Value, a => a.SeenAsync(request.Session));
        SettleAnswer answer = new([.. verdicts], [], null);
        if (request.Lease is not { } lease)
        {
            return (Reply<SettleAnswer>)answer;
        }

        Reply<LeaseGrant> leased = await LeaseAsync(lease with { Wait = TimeSpan.Zero }, call: null);
        return (Reply<SettleAnswer>)(leased.IsAccepted
            ? answer with { Leased = leased.Value.Tasks }
            : answer with { LeaseRejection = leased.Rejection });

        async Task SettleOneAsync(int place)
        {
            TaskResult result = request.Results[place];
            try
            {
                TaskTold told = await _cluster.CallAsync<TaskGrain, TaskTold>(
                    silo, GrainKind.Task, Courier.KeyOf(result.Task), t => t.CommandAsync(new TaskCommand.Settle(
                        default, request.Holder, result.Token, result.Settlement.Within(Limits), 0)));
                (verdicts[place], letters[place]) = (told.Rejection, told.Letters);
            }
            catch (Exception e) when (Grain.IsTrouble(e))
            {
                isAnyLost = true; // The others are delivered all the same; whoever reported does so again.
            }
        }
    }

    private async Task AbandonAsync(LeaseWait wait)
    {
        foreach (string kind in wait.Kinds)
        {
            await _cluster.CallAsync<QueueGrain>(silo, GrainKind.Queue, kind, q => q.AbandonAsync(wait.Ticket));
        }
    }
}
