using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.EventStore;
using Orleans.Concurrency;

namespace Elasticity.Grains;

/// <inheritdoc cref="IFrontGrain"/>
/// <param name="store">The log.</param>
/// <param name="desk">The way to the tasks.</param>
/// <param name="options">Bounds.</param>
/// <param name="clock">The clocks.</param>
/// <param name="silo">This silo.</param>
/// <param name="lag">How far the log is behind.</param>
/// <param name="counter">What this silo has done.</param>
[Reentrant]
[StatelessWorker]
public sealed partial class FrontGrain(
    IEventStore store,
    SiloDesk desk,
    GrainsOptions options,
    EngineClock clock,
    ILocalSiloDetails silo,
    LogLagWatch lag,
    SiloCounter counter)
    : Grain, IFrontGrain
{
    /// <inheritdoc/>
    public async Task<JobAnswer> CommandAsync(JobId job, ImmutableArray<JobCommand> commands)
    {
        if (!Identifier.IsValid(job.Value))
        {
            // The store is not asked for what cannot exist: some cannot even be asked.
            Rejection? problem = commands.IsEmpty
                ? null
                : JobDecider.Decide(job, JobState.None, commands[0], options.Limits).Rejection;
            return new JobAnswer(null, new SubmitProgress(0, false), false, problem);
        }

        JobTold told = await Job(job).CommandAsync(commands);
        await NewCourier().DeliverAsync(job, told);
        return told.Answer;
    }

    /// <inheritdoc/>
    public async Task<Reply<JobSummary>> ErasePayloadsAsync(JobId job, int? index)
    {
        // The event comes first: from then on nobody redrives what is about to lose its payload.
        JobAnswer decided = await CommandAsync(job, [new JobCommand.ErasePayloads(default, index)]);
        if (decided.Rejection is { } rejection)
        {
            return rejection;
        }

        await PayloadEraser.EraseAsync(store, job, index, CancellationToken.None);
        return decided.Job!;
    }

    /// <inheritdoc/>
    public async Task<Reply<JobSummary>> TrimAsync(JobId job) => Identifier.IsValid(job.Value)
        ? await Job(job).TrimAsync()
        : new Rejection(RejectionCode.JobUnknown, $"There is no job {job}.");

    /// <inheritdoc/>
    public async Task<Reply<AgentView>> CommandAsync(AgentId agent, AgentCommand command)
    {
        if (!Identifier.IsValid(agent.Value))
        {
            return AgentDecider.Decide(agent, AgentState.None, command, options.Limits).Rejection
                ?? new Rejection(RejectionCode.SessionUnknown, $"Agent {agent} never registered.");
        }

        if (command is AgentCommand.Register { Offer: { IsInProcess: true } offer } register)
        {
            // It lives where it calls from: in this silo, and dies with it.
            string here = silo.SiloAddress.ToParsableString();
            command = register with
            {
                Offer = offer with { Labels = offer.Labels.SetItem(SiloWatch.Label, here) },
            };
        }

        AgentTold told = await Agent(agent).CommandAsync(command);
        foreach (LeaseWait wait in told.Waits)
        {
            await AbandonAsync(wait);
        }

        await TakeBackAsync(told.Ended);
        return told.Reply;
    }

    /// <inheritdoc/>
    public async Task<Reply<HeartbeatAnswer>> HeartbeatAsync(Heartbeat heartbeat)
    {
        if (heartbeat.Leases.Length > Heartbeat.LeasesMax)
        {
            return new Rejection(
                RejectionCode.LimitExceeded,
                $"A heartbeat names at most {Heartbeat.LeasesMax} leases, not {heartbeat.Leases.Length}.");
        }

        if (!Identifier.IsValid(heartbeat.Agent.Value))
        {
            return AgentDecider.Absence(heartbeat.Agent, AgentState.None, heartbeat.Session)!;
        }

        Reply<HeartbeatAnswer> reply = await Agent(heartbeat.Agent).BeatAsync(heartbeat);
        if (!reply.IsAccepted || !reply.Value.Leases.Contains(LeaseAnswer.Unknown))
        {
            return reply;
        }

        bool[] stands = await WatchAgainAsync(heartbeat, reply.Value);
        Reply<HeartbeatAnswer> again = await Agent(heartbeat.Agent).BeatAsync(heartbeat);
        return !again.IsAccepted ? again : again.Value.After(reply.Value, stands)
            ?? throw new EngineUnavailableException(
                "engine-unreachable",
                "The agent's leases are not minded yet, as when a silo has just died: beat again.");
    }

    /// <inheritdoc/>
    public async Task<Reply<SettleAnswer>> SettleAsync(SettleRequest request)
    {
        if (request.Results.Length > SettleRequest.ResultsMax)
        {
            return new Rejection(
                RejectionCode.LimitExceeded,
                $"One call has at most {SettleRequest.ResultsMax} results, not {request.Results.Length}.");
        }

        Rejection?[] verdicts =
        [
            .. request.Results.Select(r => r.Settlement.Problem(options.Limits) ?? Impossible(r.Task)),
        ];
        int[] places = [.. Enumerable.Range(0, verdicts.Length).Where(i => verdicts[i] is null)];
        TaskReply[] replies = await desk.CommandAsync(
            [.. places.Select(i => (request.Results[i].Task, (TaskCommand)Settle(request, request.Results[i])))]);
        for (int i = 0; i < places.Length; i++)
        {
            verdicts[places[i]] = replies[i].Told?.Rejection ?? Lasting(replies[i].Failure);
        }

        // Those that were reached are told on in any case; whoever reported the others does so again.
        Courier courier = NewCourier();
        await courier.DeliverAsync([.. replies.SelectMany(r => r.Told?.Letters ?? [])]);
        if (Array.Find(replies, r => r.Failure is not null && Lasting(r.Failure) is null).Failure is { } failure)
        {
            throw new EngineUnavailableException(
                "engine-unreachable", $"Not every task could be reached: {failure.Message}", failure);
        }

        if (courier.MissedAnOutcome)
        {
            throw new EngineUnavailableException(
                "engine-unreachable", "The results are recorded, but a job could not be told: report again.");
        }

        if (Identifier.IsValid(request.Agent.Value))
        {
            int refused = verdicts.Count(v => v is not null);
            Agent(request.Agent).SeenAsync(request.Session, verdicts.Length - refused, refused).Ignore();
        }

        SettleAnswer answer = new(ImmutableCollectionsMarshal.AsImmutableArray(verdicts), [], null);
        if (request.Lease is not { } lease)
        {
            return answer;
        }

        LeaseReply again = await LeaseAsync(lease with { Wait = TimeSpan.Zero }, CancellationToken.None);
        Reply<LeaseGrant> leased = again.Reply;
        return leased.IsAccepted
            ? answer with { Leased = leased.Value.Tasks }
            : answer with { LeaseRejection = leased.Rejection };
    }

    /// <inheritdoc/>
    public Task DeliverAsync(ImmutableArray<Letter> letters) => NewCourier(isPatient: true).DeliverAsync(letters);

    /// <inheritdoc/>
    public Task TakeBackAsync(ImmutableArray<EndedLease> leases) => NewCourier().TakeBackAsync(leases);

    /// <summary>A task that cannot be read must not keep its agent reporting the others for ever.</summary>
    private static Rejection? Lasting(Exception? failure) =>
        failure is EngineUnavailableException { IsLasting: true } lasting
            ? new Rejection(lasting.Code, lasting.Message)
            : null;

    private TaskCommand.Settle Settle(SettleRequest request, TaskResult result) => new(
        default, request.Holder, result.Token, result.Settlement.Within(options.Limits), 0);

    /// <summary>The agent's grain is younger than these leases, or they are over: their tasks know. While one of them
    /// cannot be reached nobody is told that its lease is lost; the agent beats again.</summary>
    /// <returns>For each lease of the heartbeat, whether its task said that it is current.</returns>
    private async Task<bool[]> WatchAgainAsync(Heartbeat heartbeat, HeartbeatAnswer answer)
    {
        int[] unknown =
        [
            .. Enumerable.Range(0, heartbeat.Leases.Length).Where(
                i => answer.Leases[i] == LeaseAnswer.Unknown && IsPossible(heartbeat.Leases[i].Task)),
        ];
        TaskTold[] told = await desk.LookAsync([.. unknown.Select(i => heartbeat.Leases[i].Task)]);
        await NewCourier(isRestoring: true)
            .DeliverAsync([.. told.SelectMany(t => t.Letters).Where(m => m.Message is Message.WatchLease)]);
        bool[] stands = new bool[heartbeat.Leases.Length];
        for (int i = 0; i < unknown.Length; i++)
        {
            stands[unknown[i]] = told[i].IsHeldBy(heartbeat.Holder, heartbeat.Leases[unknown[i]].Token);
        }

        return stands;
    }

    private Courier NewCourier(bool isRestoring = false, bool isPatient = false) =>
        new(GrainFactory, desk, options, counter, isRestoring, isPatient);

    private static bool IsPossible(TaskId task) => Identifier.IsValid(task.Job.Value) && task.Index >= 0;

    private static Rejection? Impossible(TaskId task) => IsPossible(task)
        ? null
        : new Rejection(RejectionCode.LeaseLost, $"Task {task} was never leased, or there is no such task.");

    private IJobGrain Job(JobId job) => GrainFactory.GetGrain<IJobGrain>(job.Value);

    private IAgentGrain Agent(AgentId agent) => GrainFactory.GetGrain<IAgentGrain>(agent.Value);

    private IQueueGrain Queue(string key) => GrainFactory.GetGrain<IQueueGrain>(key);
}
