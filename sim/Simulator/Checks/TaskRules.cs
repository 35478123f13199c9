using System.Text.Json;
using Elasticity.Engine;
using Elasticity.EventStore;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>What may happen to a task, told again from the documentation.</summary>
internal static class TaskRules
{
    private const int LostMax = 100;
    private const int ExpiredMax = 5;
    public const int RefusedMax = 16;

    /// <summary>Below that it cannot be seen whether a back-off was drawn by chance.</summary>
    private static readonly TimeSpan ChanceMin = TimeSpan.FromMilliseconds(50);

    public static void Apply(
        ModelTask t, EventRecord record, JsonElement e, Ledger ledger, Dictionary<string, ModelAgent> agents)
    {
        bool isOwed = record.Type is "task-dead-lettered-1" or "task-cancelled-1";
        Require(t.Owed is null || isOwed, "one-outcome", t.Id, $"{t.Owed} was due, and {record.Type} came");
        switch (record.Type)
        {
            case "task-leased-1":
                Lease(t, e, ledger, agents);
                break;
            case "task-succeeded-1":
                Settle(t, e, $"succeeded {Ledger.Payload(record.Attachments.Span)}", ledger);
                End(t, 1);
                break;
            case "task-failed-1":
                Fail(t, e, Ledger.Payload(record.Attachments.Span), ledger);
                break;
            case "task-given-back-1":
                Settle(t, e, "given-back", ledger);
                t.Owed = t.IsCancelRequested ? "cancelled" : null;
                break;
            case "task-lost-1":
                CheckReason(t, e, agents);
                Require(
                    e.Text("reason") != "silent" || !ledger.IsAtomic, "silent-is-silent", t.Id,
                    "its session ended as silent, and held a lease");
                TakeBack(t, e);
                t.Lost++;
                t.Owed = t.IsCancelRequested ? "cancelled"
                    : t.Lost >= LostMax ? "dead-lettered lost-too-often" : null;
                break;
            case "task-expired-1":
                TakeBack(t, e);
                t.Expired++;
                t.Owed = t.IsCancelRequested ? "cancelled"
                    : t.Expired >= ExpiredMax ? "dead-lettered poison" : null;
                break;
            case "task-dead-lettered-1":
                Require(t.Owed == $"dead-lettered {e.Text("reason")}", "retry-limits", t.Id, $"{e}, due was {t.Owed}");
                Require(e.Int("run") == t.Run, "one-outcome", t.Id, $"dead-lettered in run {e.Int("run")}");
                End(t, 2);
                break;
            case "task-cancel-requested-1":
                Require(t.Phase == "leased" && e.Int("run") == t.Run, "cancel-obeyed", t.Id, "to stop, but not leased");
                Require(IsStopping(t), "cancel-obeyed", t.Id, "asked to stop, and its job goes on");
                (t.IsCancelRequested, t.CancelBatch) = (true, ledger.Batch);
                break;
            case "task-cancelled-1":
                Cancel(t, e, ledger);
                break;
            case "task-skipped-1":
                Skip(t, e, ledger);
                break;
            case "task-result-refused-1":
                Refuse(t, e);
                break;
            default:
                throw new Violation("event-known", t.Id, record.Type);
        }
    }

    public static void AfterBatch(ModelTask t, Ledger ledger)
    {
        Require(t.Owed is null, "one-outcome", t.Id, $"{t.Owed} was due in the same batch");
        Require(
            !ledger.IsAtomic || t.Phase != "ended" || t.Run < t.JobRun
            || t.Recorded != 0 || t.Job.IsEnded, "outcome-recorded", t.Id,
            $"run {t.Run} ended, and its job did not record it in the same batch");
    }

    private static void Lease(ModelTask t, JsonElement e, Ledger ledger, Dictionary<string, ModelAgent> agents)
    {
        int run = e.Int("run");
        JsonElement l = e.GetProperty("lease");
        ModelLease lease = new(
            l.Long("token"), run, l.Int("attempt"), l.Text("agent"), l.Text("session"), l.Text("request"),
            e.Time("at"));
        Require(t.Phase != "leased", "never-two-leases", t.Id, $"token {lease.Token} while {t.Token} is current");
        Require(run == t.Run ? t.Phase == "waiting" : run > t.Run, "one-outcome", t.Id, $"leased in run {run}");
        Require(run <= t.JobRun, "one-outcome", t.Id, $"leased in run {run}, its job is in {t.JobRun}");
        Require(lease.Token == t.Token + 1, "tokens-grow-by-one", t.Id, $"token {lease.Token} after {t.Token}");
        if (run > t.Run)
        {
            Begin(t, run, ledger);
            CheckTerms(t, e.GetProperty("terms"));
        }

        Require(
            lease.Attempt == t.Failures + 1, "attempts-are-counted", t.Id,
            $"attempt {lease.Attempt}, {t.Failures} failed");
        Require(
            t.RetryAt is null || lease.At >= t.RetryAt, "back-off", t.Id, $"leased {lease.At:O}, not {t.RetryAt:O}");

        // Its first lease: once it was ready by the clock of one engine it stays so, also by that of another, which may
        // be behind.
        Require(
            !ledger.IsWallClockTrue || lease.Token > 1 || !(t.NotBefore > lease.At), "not-before", t.Id,
            $"leased {lease.At:O}, not before {t.NotBefore:O}");
        Require(t.Job.IsSealed, "sealed-first", t.Id, "leased before its job was accepted");
        Require(
            t.DependsOn.All(d => t.Job.Tasks[d].Recorded == 1), "dependency-order", t.Id,
            "leased before what it depends on had succeeded");
        Require(!ledger.IsAtomic || !t.Job.WasPaused, "pause-obeyed", t.Id, "leased while its job is paused");
        Require(
            !ledger.IsAtomic || !t.Job.WasStopping, "cancel-obeyed", t.Id, "leased while its job stops or has ended");

        ModelAgent? agent = agents.GetValueOrDefault(lease.Agent);
        Require(
            (ledger.IsAtomic ? agent?.CouldLease : agent?.Sessions)?.Contains(lease.Session) == true,
            "leases-to-live-sessions", t.Id,
            $"leased to session {lease.Session}; {agent?.Id} is {agent?.Phase} in session {agent?.Session}");
        if (ledger.IsComplete)
        {
            LeaseRequest? wish = ledger.LeaseOf(lease.Holder, lease.Request);
            Require(
                wish is not null && wish.Agent.Value == lease.Agent, "nothing-unasked", t.Id,
                $"request {lease.Request}");
            Require(
                agent!.KindsFor(wish!).Contains(t.Kind), "kinds-match", t.Id, $"kind {t.Kind} was not asked for");
        }

        (t.Phase, t.Token, t.Lease, t.RetryAt) = ("leased", lease.Token, lease, null);
        t.Lease = lease with { Batch = ledger.Batch };
        t.Leases.Add(lease.Token, t.Lease);
    }

    private static void CheckTerms(ModelTask t, JsonElement terms)
    {
        ModelRetry retry = terms.MaybeRetry() ?? ModelRetry.Default;
        TimeSpan length = terms.MaybeSpan("leaseLength") ?? TimeSpan.FromSeconds(30);
        Require(
            terms.EnumerateObject().All(p => p.Name is "kind" or "priority" or "leaseLength" or "retry"),
            "stored-format", t.Id, $"{terms}");
        Require(
            terms.Text("kind") == t.Kind && terms.Int("priority") == t.Priority && retry == t.Retry
            && length == t.LeaseLength, "terms-as-submitted", t.Id, $"{terms}");
    }

    private static void Settle(ModelTask t, JsonElement e, string content, Ledger ledger)
    {
        long token = e.Long("token");
        Require(
            t.Phase == "leased" && token == t.Token, "settled-under-current-token", t.Id,
            $"{content} under token {token}; {t.Phase}, token {t.Token}");
        Require(
            ledger.WasSettled(t.Id, token, t.Lease!.Holder, content), "nothing-unasked", t.Id,
            $"{content} under token {token}: session {t.Lease.Session} never said so");
        t.Settled[token] = content;
        Wait(t);
    }

    private static void Fail(ModelTask t, JsonElement e, string payload, Ledger ledger)
    {
        JsonElement failure = e.GetProperty("failure");
        bool isFinal = failure.GetProperty("isFinal").GetBoolean();
        DateTimeOffset? retryAt = e.MaybeTime("retryAt");
        Settle(t, e, $"failed {failure.Text("code")} {isFinal} {payload}", ledger);
        t.Failures++;
        t.Owed = t.IsCancelRequested ? "cancelled"
            : isFinal ? "dead-lettered final-failure"
            : t.Failures >= t.Retry.AttemptsMax ? "dead-lettered attempts-exhausted"
            : null;
        Require((t.Owed is null) == retryAt is not null, "retry-limits", t.Id, $"retryAt {retryAt:O}, due {t.Owed}");
        if (retryAt is { } again)
        {
            (TimeSpan min, TimeSpan max) = t.Retry.After(t.Failures);
            TimeSpan delay = again - e.Time("at");
            Require(
                delay >= min && delay <= max, "back-off", t.Id, $"{delay} after {t.Failures} failures: {min}..{max}");
            t.RetryAt = again;
            if (max - min > ChanceMin)
            {
                ledger.Drew((delay - min) / (max - min));
            }
        }
    }

    /// <summary>A lease that is lost with its session: that is over, and for that reason.</summary>
    private static void CheckReason(ModelTask t, JsonElement e, Dictionary<string, ModelAgent> agents)
    {
        if (e.Text("reason") is not "unconfirmed" and var reason && t.Lease is { } lease)
        {
            ModelAgent agent = agents[lease.Agent];
            Require(
                agent.EndedAs.GetValueOrDefault(lease.Session) == reason
                || (reason == AgentRules.Superseded && agent.Session != lease.Session),
                "lost-with-its-session", t.Id,
                $"token {lease.Token} is lost as {reason}, and session {lease.Session} is {agent.Phase}");
        }
    }

    private static void TakeBack(ModelTask t, JsonElement e)
    {
        Require(
            t.Phase == "leased" && e.Long("token") == t.Token, "settled-under-current-token", t.Id,
            $"token {e.Long("token")} taken back; {t.Phase}, token {t.Token}");
        Wait(t);
    }

    private static void Cancel(ModelTask t, JsonElement e, Ledger ledger)
    {
        int run = e.Int("run");
        Require(t.Phase != "leased", "cancel-obeyed", t.Id, "cancelled under a lease");
        Require(t.Owed is null or "cancelled", "one-outcome", t.Id, $"cancelled, due was {t.Owed}");
        Require(IsStopping(t), "cancel-obeyed", t.Id, "cancelled, and its job goes on");
        BeginOrGoOn(t, run, ledger);
        End(t, 3);
    }

    private static void Skip(ModelTask t, JsonElement e, Ledger ledger)
    {
        int cause = e.Int("cause");
        int run = e.Int("run");
        BeginOrGoOn(t, run, ledger);
        Require(t.Doomed.Contains((run, cause)), "dependency-order", t.Id, $"skipped because of {cause}, run {run}");
        t.SkipCause = cause;
        End(t, 4);
    }

    private static void Refuse(ModelTask t, JsonElement e)
    {
        long token = e.Long("token");
        Require(token >= 1 && token <= t.Token, "refused-once", t.Id, $"token {token} was never given");
        Require(t.Refused.Add(token), "refused-once", t.Id, $"token {token} again");
        Require(++t.RefusedInRun <= RefusedMax, "refused-once", t.Id, $"{t.RefusedInRun} in one run");
    }

    private static void BeginOrGoOn(ModelTask t, int run, Ledger ledger)
    {
        Require(
            run == t.Run ? t.Phase == "waiting" : run > t.Run && !t.IsOpen, "one-outcome", t.Id,
            $"run {run} ends; {t.Phase} in run {t.Run}");
        Require(run <= t.JobRun, "one-outcome", t.Id, $"run {run} ends, its job is in {t.JobRun}");
        if (run > t.Run)
        {
            Begin(t, run, ledger);
        }
    }

    private static void Begin(ModelTask t, int run, Ledger ledger)
    {
        Require(t.Run == 0 || t.Outcomes.ContainsKey(t.Run), "one-outcome", t.Id, $"run {run} before {t.Run} ended");
        (t.Run, t.Failures, t.Lost, t.Expired, t.RefusedInRun) = (run, 0, 0, 0, 0);
        (t.IsCancelRequested, t.RetryAt, t.Phase, t.RunIn) = (false, null, "waiting", ledger.Batch);
    }

    private static void Wait(ModelTask t) => (t.Phase, t.Lease, t.RetryAt) = ("waiting", null, null);

    private static void End(ModelTask t, int outcome)
    {
        Require(t.Outcomes.TryAdd(t.Run, outcome), "one-outcome", t.Id, $"a second outcome of run {t.Run}");
        (t.Phase, t.Lease, t.RetryAt, t.Owed, t.EndPlace) = ("ended", null, null, null, t.Hashes.Count - 1);
    }

    /// <summary>Within a batch a job may have stopped and ended; what happened to its tasks came between.</summary>
    private static bool IsStopping(ModelTask t) => t.Job.IsStopping || t.Job.WasStopping || t.Job.IsEnded;
}
