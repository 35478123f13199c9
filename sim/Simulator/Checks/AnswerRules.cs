using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Leases;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.World;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>No answer reveals a state that is not durable yet, and none contradicts what is.</summary>
internal static class AnswerRules
{
    private const string Rule = "answers-after-durability";

    /// <summary>Of so many settlements a task remembers what was reported.</summary>
    private const int SettledKept = 16;

    public static void Check(Watch watch, Call call, object answer)
    {
        CoreInput input = call.Input;
        LogModel log = watch.Log;

        // What came about later than this the decision need not have known: the embedded engine decides with the batch
        // before the answer's, somebody in a cluster at any time since it was asked.
        long since = watch.Ledger.IsAtomic ? log.BatchCount - 1 : call.AskedIn;
        switch (input, answer)
        {
            case (CoreInput.ForJob i, JobAnswer a):
                CheckJob(watch, i, a, call.AskedIn);
                SteeringRules.Check(log.Jobs.GetValueOrDefault(i.Job.Value), i, a, call.AskedIn);
                if (a.Rejection is { } refusal)
                {
                    RefusalRules.Check(watch, i, refusal.Code, call.AskedIn);
                }

                break;
            case (CoreInput.ForAgent i, Reply<AgentView> a):
                watch.Coverage.Answered(i.Command.GetType().Name, Words.Code(a.Rejection));
                Require(
                    a.Rejection is not null || log.Agents[i.Agent.Value].Sessions.Contains(a.Value!.Session.Value),
                    Rule, i.Agent.Value, $"session {a.Value?.Session} is not stored");
                CheckAbsence(log, i.Agent, Ledger.HolderOf(i).Session, a.Rejection, call.AskedIn);
                Require(
                    a.Rejection?.Code != RejectionCode.LimitExceeded || watch.HasManyAgents(call.AskedIn),
                    "refused-with-reason", i.Agent.Value, "limit-exceeded, and there is room for an agent");
                NoteDrain(log, i.Agent, a.Value is { State: "draining" } view ? view.Session : null);
                break;
            case (CoreInput.Lease { Request: var r }, Reply<LeaseGrant> a):
                watch.Coverage.Answered("Lease", Words.Code(a.Rejection));
                watch.CheckWaiting(call, a.Rejection);
                CheckAbsence(log, r.Agent, r.Session, a.Rejection, call.AskedIn);
                CheckGrant(log, r, a.Value?.Tasks ?? []);
                break;
            case (CoreInput.Beat { Heartbeat: var b }, Reply<HeartbeatAnswer> a):
                watch.Coverage.Answered("Beat", Words.Code(a.Rejection));
                CheckAbsence(log, b.Agent, b.Session, a.Rejection, call.AskedIn);
                CheckBeat(watch, b, a.Value, since);
                break;
            case (CoreInput.Settle { Request: var r }, Reply<SettleAnswer> a):
                CheckSettle(watch, r, a, since);
                watch.CheckWaiting(call, a.Value?.LeaseRejection);
                break;
            case (CoreInput.Look i, CoreSnapshot s):
                watch.Coverage.Answered("Look", "ok");
                LookRules.Check(watch, i, s, call.AskedIn);
                break;
            case (CoreInput.Reserve i, TrimAnswer a):
                watch.Coverage.Answered("Reserve", Words.Code(a.Rejection));
                Require(
                    a.Tombstone is null || log.Jobs[i.Job.Value].IsEnded, Rule, i.Job.Value, "reserved, and not ended");
                break;
            default:
                throw new Violation("answers-fit", input.GetType().Name, $"answered by {answer.GetType().Name}");
        }
    }

    private static void CheckJob(Watch watch, CoreInput.ForJob input, JobAnswer answer, long askedIn)
    {
        string id = input.Job.Value;
        ModelJob? job = watch.Log.Jobs.GetValueOrDefault(id);
        watch.Coverage.Answered(
            string.Join('+', input.Commands.Select(c => c.GetType().Name)), Words.Code(answer.Rejection));
        Require(
            (answer.Job?.Version ?? 0) <= (job?.Version ?? 0), Rule, id,
            $"version {answer.Job?.Version} told, {job?.Version} stored");
        Require(
            answer.Progress.TasksAdded <= (job?.Tasks.Count ?? 0) && (!answer.Progress.IsSealed || job!.IsSealed),
            Rule, id, $"progress {answer.Progress} told");
        string? asked = input.Commands.OfType<JobCommand.Open>().FirstOrDefault()?.Digest;
        Require(
            answer.Rejection is not null || asked is null || job?.Digest == asked, Rule, id,
            "opened, but not with these tasks");
        if (answer.Rejection is null && input.Commands is [JobCommand.Redrive { Request: { } request }])
        {
            watch.Redriven.Add((id, request));
        }

        if (answer.Job is { } shown && shown.Version == job?.Version)
        {
            Require(
                shown.State == job.Phase && shown.IsPaused == job.IsPaused && shown.Name == job.Name
                && JobRules.CountsOf(job).SequenceEqual(Numbers(shown.Counts)), "shown-is-the-fold", id,
                $"{shown}, and it is {job.Phase}, {string.Join(' ', JobRules.CountsOf(job))}");
        }

        if (answer.Rejection is null && input.Commands[^1] is JobCommand.Seal)
        {
            Require(
                answer.WasKnown || job!.SealedIn > askedIn, Rule, id,
                $"told new, accepted in batch {job!.SealedIn}, asked in {askedIn}");
            Require(job!.IsSealed, "accepted-is-kept", id, "told accepted");
            watch.Accepted.Add(id);
        }
    }

    private static void CheckAbsence(
        LogModel log, AgentId agent, SessionId session, Rejection? rejection, long since)
    {
        ModelAgent? known = log.Agents.GetValueOrDefault(agent.Value);
        switch (rejection?.Code)
        {
            case RejectionCode.AgentSuperseded:
                Require(
                    known is not null && (known.Session != session.Value || known.SessionIn > since), Rule, agent.Value,
                    $"superseded told to {session}");
                break;
            case RejectionCode.SessionUnknown:
                Require(
                    known is null || known.Session != session.Value || known.Phase == "gone"
                    || known.SessionIn > since, Rule, agent.Value,
                    $"session-unknown told to {session}");
                break;
            case RejectionCode.AgentDraining:
                Require(
                    known is not null && (known.Session != session.Value || known.Phase != "live"), Rule, agent.Value,
                    $"agent-draining told to {session}");
                break;
        }
    }

    private static void CheckGrant(LogModel log, LeaseRequest request, ImmutableArray<LeasedTask> tasks)
    {
        Require(tasks.Length <= request.Max, "leases-as-asked", request.RequestId, $"{tasks.Length} of {request.Max}");
        foreach (LeasedTask leased in tasks)
        {
            ModelTask? task = log.Find(leased.Task.Job.Value, leased.Task.Index);
            ModelLease? lease = task?.Leases.GetValueOrDefault(leased.Token);
            Require(
                lease is not null && lease.Session == request.Session.Value && lease.Request == request.RequestId
                && lease.Attempt == leased.Attempt, Rule, leased.Task.ToString(), $"{leased} is not stored");
            Require(
                leased.Kind == task!.Kind && leased.LeaseLength == task.LeaseLength
                && leased.Name == task.Spec!.Name && leased.Run == lease!.Run
                && leased.Payload == task.Spec.Payload,
                "payloads-arrive", leased.Task.ToString(), $"{leased} with {leased.Payload}");
        }
    }

    /// <summary>Somebody was told that a session drains.</summary>
    private static void NoteDrain(LogModel log, AgentId id, SessionId? session)
    {
        if (log.Agents.GetValueOrDefault(id.Value) is { } agent && agent.Session == session?.Value)
        {
            agent.DrainKnownIn = Math.Min(agent.DrainKnownIn, log.BatchCount + 1);
        }
    }

    private static void CheckBeat(Watch watch, Heartbeat beat, HeartbeatAnswer? answer, long since)
    {
        if (answer is null)
        {
            return;
        }

        Require(answer.Leases.Length == beat.Leases.Length, "answers-fit", beat.Session.Value, "leases missing");
        ModelAgent agent = watch.Log.Agents[beat.Agent.Value];
        Require(
            !watch.IsExact || agent.Session != beat.Session.Value || agent.DrainKnownIn > since || agent.Phase == "gone"
            || answer.IsDraining == (agent.Phase == "draining"), "cancel-is-told", beat.Agent.Value,
            $"told that it {(answer.IsDraining ? "drains" : "does not drain")}, and it is {agent.Phase}");
        NoteDrain(watch.Log, beat.Agent, answer.IsDraining ? beat.Session : null);
        for (int i = 0; i < answer.Leases.Length; i++)
        {
            HeldLease held = beat.Leases[i];
            string id = held.Task.ToString();
            ModelTask? task = watch.Log.Find(held.Task.Job.Value, held.Task.Index);
            bool isCurrent = IsCurrent(task, held.Token, beat.Holder);
            bool wasGiven = task?.Leases.GetValueOrDefault(held.Token)?.Session == beat.Session.Value;
            watch.Coverage.Answered("Beat of a lease", answer.Leases[i].ToString());
            switch (answer.Leases[i])
            {
                case LeaseAnswer.Renewed:
                    Require(wasGiven, Rule, id, $"renewed {held.Token}, which is not stored");
                    Require(
                        !isCurrent || !task!.IsCancelRequested || task.CancelBatch > since
                        || !watch.Ledger.IsAtomic,
                        "cancel-is-told", id, $"the session of token {held.Token} was not told to stop");
                    break;
                case LeaseAnswer.CancelRequested:
                    Require(
                        wasGiven && (!isCurrent || task!.IsCancelRequested), Rule, id, "cancel told, and not stored");
                    break;
                case LeaseAnswer.Lost:
                    Require(
                        !isCurrent || task!.BatchOf(held.Token) > since, Rule, id,
                        $"token {held.Token} is current, and was told lost");
                    break;
                default:
                    throw new Violation("answers-fit", id, "a heartbeat is never answered unknown");
            }
        }
    }

    private static void CheckSettle(Watch watch, SettleRequest request, Reply<SettleAnswer> reply, long since)
    {
        SettleAnswer answer = reply.Value
            ?? throw new Violation("answers-fit", request.Session.Value, $"results refused: {reply.Rejection}");
        Require(
            answer.Results.Length == request.Results.Length, "answers-fit", request.Session.Value, "verdicts missing");
        for (int i = 0; i < answer.Results.Length; i++)
        {
            TaskResult result = request.Results[i];
            ModelTask? task = watch.Log.Find(result.Task.Job.Value, result.Task.Index);
            string? verdict = answer.Results[i]?.Code;
            watch.Coverage.Answered("Settle", verdict ?? "ok");
            if (verdict is null)
            {
                Require(
                    task?.Settled.GetValueOrDefault(result.Token) == Ledger.Content(result.Settlement), Rule,
                    result.Task.ToString(), $"{result.Settlement} under token {result.Token} told, and not stored");
            }
            else if (verdict == RejectionCode.LeaseLost)
            {
                CheckLost(task, result, request.Holder, since);
            }
        }

        if (request.Lease is { } wish)
        {
            watch.Coverage.Answered("Settle with lease", Words.Code(answer.LeaseRejection));
            CheckAbsence(watch.Log, wish.Agent, wish.Session, answer.LeaseRejection, since);
            CheckGrant(watch.Log, wish, answer.Leased);
        }
    }

    private static void CheckLost(ModelTask? task, TaskResult result, Holder holder, long since)
    {
        // Who names a token before it is given, is told so; it may be given before the answer leaves.
        string id = result.Task.ToString();
        ModelLease? lease = task?.Leases.GetValueOrDefault(result.Token);
        if (lease is null || lease.Batch > since || task!.Job.IsTrimmed)
        {
            return;
        }

        Require(
            !IsCurrent(task, result.Token, holder), Rule, id,
            $"lease-lost told of token {result.Token}, which is current");
        Require(
            task.Refused.Contains(result.Token) || task.RefusedInRun >= TaskRules.RefusedMax || task.RunIn > since,
            "never-silent", id,
            $"a report under token {result.Token} was refused, and not recorded");
        Require(
            lease.Holder != holder || task.Settled.Count > SettledKept
            || task.Settled.GetValueOrDefault(result.Token) != Ledger.Content(result.Settlement),
            "settling-twice-is-harmless", id,
            $"{result.Settlement} under token {result.Token} was stored, and is refused");
    }

    private static int[] Numbers(TaskCounts c) =>
        [c.Blocked, c.Released, c.SkipAsked, c.Succeeded, c.DeadLettered, c.Cancelled, c.Skipped];

    private static bool IsCurrent(ModelTask? task, long token, Holder holder) =>
        task is { Phase: "leased" } && task.Token == token && task.Lease!.Holder == holder;
}
