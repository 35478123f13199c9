using System.Diagnostics;
using static Elasticity.Domain.RejectionCode;
using TaskDecision = Elasticity.Domain.Decision<Elasticity.Domain.Tasks.TaskEvent>;

namespace Elasticity.Domain.Tasks;

/// <summary>The life of a task as pure functions. <c>docs/reference/task-transitions.md</c> is generated from
/// it.</summary>
public static class TaskDecider
{
    /// <summary>Decides what a command does to a task.</summary>
    /// <param name="id">The task, named in messages.</param>
    /// <param name="state">The fold of its events so far.</param>
    /// <param name="command">What is asked.</param>
    /// <returns>
    /// Events and messages; or a rejection: <c>not-ready</c> (grant), <c>lease-lost</c> (settle; the first under a
    /// token is recorded too).
    /// </returns>
    public static TaskDecision Decide(TaskId id, TaskState state, TaskCommand command) => command switch
    {
        TaskCommand.Grant c => Grant(id, state, c),
        TaskCommand.Settle c => Settle(id, state, c),
        TaskCommand.Expire c => TakeBack(id, state, c.Token, new TaskEvent.Expired(c.Now, c.Token)),
        TaskCommand.Lose c => TakeBack(id, state, c.Token, new TaskEvent.Lost(c.Now, c.Token, c.Reason)),
        TaskCommand.Cancel c => Cancel(id, state, c),
        TaskCommand.Skip c => Skip(id, state, c),
        _ => throw new UnreachableException($"Unknown task command {command.GetType().Name}."),
    };

    /// <summary>Applies one stored event. Total: what is in the log has happened and cannot be refused.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="event">The fact.</param>
    /// <returns>The state after.</returns>
    public static TaskState Evolve(TaskState state, TaskEvent @event) => @event switch
    {
        TaskEvent.Leased e => Begin(state, e.Run) with
        {
            Phase = TaskPhase.Leased,
            Token = e.Lease.Token,
            Lease = e.Lease,
            Terms = e.Terms ?? state.Terms,
            RetryAt = null,
            StartedAt = state.Run == e.Run ? state.StartedAt ?? e.At : e.At,
        },
        TaskEvent.Succeeded e =>
            End(Settled(state, e.Token, new Settlement.Succeeded(e.Result)), e.At, TaskOutcome.Succeeded),
        TaskEvent.Failed e => Settled(state, e.Token, new Settlement.Failed(e.Failure, e.Result)) with
        {
            Failures = state.Failures + 1,
            LastFailure = e.Failure,
            RetryAt = e.RetryAt,
        },
        TaskEvent.GivenBack e => Settled(state, e.Token, new Settlement.GivenBack()),
        TaskEvent.Lost => Wait(state) with { LeasesLost = state.LeasesLost + 1 },
        TaskEvent.Expired => Wait(state) with { LeasesExpired = state.LeasesExpired + 1 },
        TaskEvent.DeadLettered e => End(state, e.At, TaskOutcome.DeadLettered) with { DeadLetterReason = e.Reason },
        TaskEvent.CancelRequested => state with { IsCancelRequested = true },
        TaskEvent.Cancelled e => End(Begin(state, e.Run), e.At, TaskOutcome.Cancelled),
        TaskEvent.Skipped e => End(Begin(state, e.Run), e.At, TaskOutcome.Skipped) with { SkipCause = e.Cause },
        TaskEvent.ResultRefused e => state with { RefusedTokens = state.RefusedTokens.Add(e.Token) },
        _ => throw new UnreachableException($"Unknown task event {@event.GetType().Name}."),
    };

    /// <summary>Everything this task still waits for others to do. For recovery: sending it again changes nothing that
    /// was done.</summary>
    /// <param name="id">The task.</param>
    /// <param name="state">Its state.</param>
    /// <returns>At most one message.</returns>
    public static Message? Outstanding(TaskId id, TaskState state) => state.Phase switch
    {
        TaskPhase.Untouched => null,
        TaskPhase.Waiting => OfferAgain(id, state),
        TaskPhase.Leased => Watch(id, state),
        TaskPhase.Ended => Ended(id, state),
        _ => throw new UnreachableException(),
    };

    /// <summary>The word of the API for an outcome.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <returns><c>succeeded</c>, <c>dead-lettered</c>, <c>cancelled</c>, <c>skipped</c>.</returns>
    public static string Word(TaskOutcome outcome) => outcome switch
    {
        TaskOutcome.Succeeded => "succeeded",
        TaskOutcome.DeadLettered => "dead-lettered",
        TaskOutcome.Cancelled => "cancelled",
        TaskOutcome.Skipped => "skipped",
        _ => throw new UnreachableException($"Unknown outcome {outcome}."),
    };

    private static TaskDecision Grant(TaskId id, TaskState state, TaskCommand.Grant c)
    {
        if (c.Run < state.Run)
        {
            return TaskDecision.Reject(NotReady, $"Task {id} is in run {state.Run}; the offer is of run {c.Run}.");
        }

        if (c.Run == state.Run)
        {
            switch (state.Phase)
            {
                case TaskPhase.Leased:
                    return TaskDecision.Reject(NotReady, $"Task {id} is leased under token {state.Token}.");
                case TaskPhase.Ended:
                    // The job asks again, because it missed the answer: the outcome is told once more.
                    return TaskDecision.Reject(NotReady, $"Run {state.Run} of task {id} has ended.")
                        .Tell(Ended(id, state));
                case TaskPhase.Waiting when state.RetryAt > c.Now:
                    return TaskDecision.Reject(NotReady, $"Task {id} backs off until {state.RetryAt:O}.")
                        .Tell(OfferAgain(id, state));
            }
        }
        else if (state.Phase is TaskPhase.Leased or TaskPhase.Waiting)
        {
            return TaskDecision.Reject(
                NotReady, $"Run {state.Run} of task {id} has not ended; the offer is of run {c.Run}.");
        }

        bool isFirstOfRun = c.Run > state.Run;
        int attempt = isFirstOfRun ? 1 : state.Failures + 1;
        TaskEvent.Leased leased = new(
            c.Now,
            c.Run,
            new Lease(state.Token + 1, attempt, c.Holder.Agent, c.Holder.Session, c.Request),
            isFirstOfRun ? c.Terms : null);
        TaskTerms terms = leased.Terms ?? state.Terms!;
        return TaskDecision.Accept(leased)
            .Tell(new Message.WatchLease(id, leased.Lease, terms.EffectiveLeaseLength, IsCancelRequested: false));
    }

    private static TaskDecision Settle(TaskId id, TaskState state, TaskCommand.Settle c)
    {
        if (!IsCurrent(state, c.Token) || state.Lease!.Holder != c.Holder)
        {
            return SettleLate(id, state, c);
        }

        Message forget = new Message.ForgetLease(id, c.Token);
        switch (c.Settlement)
        {
            case Settlement.Succeeded s:
                return TaskDecision.Accept(new TaskEvent.Succeeded(c.Now, c.Token, s.Result))
                    .Tell(forget, new Message.TaskEnded(id, state.Run, TaskOutcome.Succeeded));
            case Settlement.Failed s:
                return Fail(id, state, c, s).Tell(forget);
            case Settlement.GivenBack:
                return Return(id, state, new TaskEvent.GivenBack(c.Now, c.Token)).Tell(forget);
            default:
                throw new UnreachableException($"Unknown settlement {c.Settlement.GetType().Name}.");
        }
    }

    private static TaskDecision SettleLate(TaskId id, TaskState state, TaskCommand.Settle c)
    {
        if (state.Settled.Contains(new SettledLease(c.Token, c.Settlement.Fingerprint())))
        {
            // An answer was lost: at-least-once delivery. Perhaps the job was not told either.
            return state.Phase == TaskPhase.Ended
                ? TaskDecision.NoChange.Tell(Ended(id, state))
                : TaskDecision.NoChange;
        }

        bool wasGiven = c.Token >= 1 && c.Token <= state.Token;
        TaskDecision refused = TaskDecision.Reject(LeaseLost, $"Token {c.Token} of task {id} " + (
            !wasGiven ? "was never given."
            : IsCurrent(state, c.Token) ? $"belongs to {state.Lease!.Holder}, not to {c.Holder}."
            : $"no longer counts: {Describe(state)}."));
        bool isWorthRecording = wasGiven
            && !state.RefusedTokens.Contains(c.Token)
            && state.RefusedTokens.Length - state.RefusedBefore < TaskTerms.RefusedMax;
        return isWorthRecording
            ? refused with
            {
                Events =
                [
                    new TaskEvent.ResultRefused(
                        c.Now, c.Token, c.Holder.Agent, c.Holder.Session, Word(c.Settlement)),
                ],
            }
            : refused;
    }

    private static TaskDecision Fail(TaskId id, TaskState state, TaskCommand.Settle c, Settlement.Failed s)
    {
        RetryPolicy retry = state.Terms!.EffectiveRetry;
        int attempts = state.Failures + 1;
        if (state.IsCancelRequested)
        {
            return Ending(id, state, Failed(null), new TaskEvent.Cancelled(c.Now, state.Run));
        }

        if (s.Failure.IsFinal || attempts >= retry.AttemptsMax)
        {
            string reason = s.Failure.IsFinal ? "final-failure" : "attempts-exhausted";
            return Ending(id, state, Failed(null), new TaskEvent.DeadLettered(c.Now, state.Run, reason));
        }

        TaskEvent failed = Failed(c.Now + retry.DelayAfter(attempts, c.Chance));
        return TaskDecision.Accept(failed).Tell(OfferAgain(id, Evolve(state, failed)));

        TaskEvent.Failed Failed(DateTimeOffset? retryAt) => new(c.Now, c.Token, s.Failure, retryAt, s.Result);
    }

    private static TaskDecision TakeBack(TaskId id, TaskState state, long token, TaskEvent ended) =>
        IsCurrent(state, token)
        ? Return(id, state, ended).Tell(new Message.ForgetLease(id, token))
        : TaskDecision.NoChange.Tell(new Message.ForgetLease(id, token)); // It ended otherwise meanwhile.

    /// <summary>A lease ended without a result: the task is offered again, unless it was to stop or this happened too
    /// often.</summary>
    private static TaskDecision Return(TaskId id, TaskState state, TaskEvent ended)
    {
        TaskState after = Evolve(state, ended);
        return after switch
        {
            { IsCancelRequested: true } => Ending(id, state, ended, new TaskEvent.Cancelled(ended.At, state.Run)),
            { LeasesLost: >= TaskTerms.LostMax } =>
                Ending(id, state, ended, new TaskEvent.DeadLettered(ended.At, state.Run, "lost-too-often")),
            { LeasesExpired: >= TaskTerms.ExpiredMax } =>
                Ending(id, state, ended, new TaskEvent.DeadLettered(ended.At, state.Run, "poison")),
            _ => TaskDecision.Accept(ended).Tell(OfferAgain(id, after)),
        };
    }

    private static TaskDecision Cancel(TaskId id, TaskState state, TaskCommand.Cancel c)
    {
        if (c.Run < state.Run)
        {
            return TaskDecision.NoChange;
        }

        if (c.Run > state.Run)
        {
            return state.IsOpen ? TaskDecision.NoChange : Ending(id, state, new TaskEvent.Cancelled(c.Now, c.Run));
        }

        return state.Phase switch
        {
            TaskPhase.Leased when state.IsCancelRequested => TaskDecision.NoChange.Tell(Watch(id, state)),
            TaskPhase.Leased => TaskDecision.Accept(new TaskEvent.CancelRequested(c.Now, c.Run))
                .Tell(Watch(id, state with { IsCancelRequested = true })),
            TaskPhase.Ended => TaskDecision.NoChange.Tell(Ended(id, state)),
            _ => Ending(id, state, new TaskEvent.Cancelled(c.Now, c.Run)),
        };
    }

    private static TaskDecision Skip(TaskId id, TaskState state, TaskCommand.Skip c) =>
        (c.Run - state.Run, state.Phase) switch
    {
        (< 0, _) => TaskDecision.NoChange,
        (0, TaskPhase.Ended) => TaskDecision.NoChange.Tell(Ended(id, state)),
        (0, TaskPhase.Waiting) or (> 0, TaskPhase.Untouched or TaskPhase.Ended) =>
            Ending(id, state, new TaskEvent.Skipped(c.Now, c.Run, c.Cause)),
        _ => TaskDecision.NoChange, // Leased: it is running, so its outcome is the truth.
    };

    private static TaskDecision Ending(TaskId id, TaskState state, params ReadOnlySpan<TaskEvent> events)
    {
        foreach (TaskEvent e in events)
        {
            state = Evolve(state, e);
        }

        return TaskDecision.Accept(events).Tell(Ended(id, state));
    }

    /// <summary>The first event of a new run forgets what was counted in the one before; token, settlements and refused
    /// tokens stay.</summary>
    private static TaskState Begin(TaskState state, int run) => run == state.Run
        ? state
        : TaskState.Untouched with
        {
            Run = run,
            Token = state.Token,
            TokenBefore = state.Token,
            Terms = state.Terms,
            Settled = state.Settled,
            LastSettlement = state.LastSettlement,
            RefusedTokens = state.RefusedTokens,
            RefusedBefore = state.RefusedTokens.Length,
        };

    private static TaskState Settled(TaskState state, long token, Settlement settlement) => Wait(state) with
    {
        Settled =
        [
            .. state.Settled.Length < TaskTerms.SettledMax ? state.Settled : state.Settled.RemoveAt(0),
            new SettledLease(token, settlement.Fingerprint()),
        ],
        LastSettlement = settlement,
    };

    private static TaskState Wait(TaskState state) =>
        state with { Phase = TaskPhase.Waiting, Lease = null, RetryAt = null };

    private static TaskState End(TaskState state, DateTimeOffset at, TaskOutcome outcome) => state with
    {
        Phase = TaskPhase.Ended,
        Lease = null,
        RetryAt = null,
        Outcome = outcome,
        EndedAt = at,
    };

    private static bool IsCurrent(TaskState state, long token) =>
        state.Phase == TaskPhase.Leased && state.Token == token;

    private static Message.Offer OfferAgain(TaskId id, TaskState state) => new(
        id.Job,
        id.Index,
        Count: 1,
        state.Run,
        state.Token,
        Version: 0,
        state.Terms!.Kind,
        state.Terms.Priority,
        state.RetryAt);

    private static Message.WatchLease Watch(TaskId id, TaskState state) =>
        new(id, state.Lease!, state.Terms!.EffectiveLeaseLength, state.IsCancelRequested);

    private static Message.TaskEnded Ended(TaskId id, TaskState state) => new(id, state.Run, state.Outcome!.Value);

    private static string Describe(TaskState state) => state.Phase switch
    {
        TaskPhase.Leased => $"it is leased under token {state.Token}",
        TaskPhase.Ended => $"its run {state.Run} has ended as {Word(state.Outcome!.Value)}",
        _ => $"its last lease, token {state.Token}, is over",
    };

    private static string Word(Settlement settlement) => settlement switch
    {
        Settlement.Succeeded => "succeeded",
        Settlement.Failed => "failed",
        Settlement.GivenBack => "given-back",
        _ => throw new UnreachableException(),
    };
}
