using System.Collections.Immutable;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;

namespace Elasticity.Domain.Tests.Support;

/// <summary>Values that a test needs and does not care about.</summary>
internal static class Some
{
    public const string Kind = "resize";

    public const string Request = "request-1";

    public static readonly DateTimeOffset T0 = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly JobId Job = new("job-a");

    public static readonly JobId OtherJob = new("job-b");

    public static readonly TaskId FirstTask = new(Job, 0);

    public static readonly AgentId Agent = new("agent-a");

    public static readonly SessionId Session = new("session-a");

    public static readonly SessionId OtherSession = new("session-b");

    public static readonly Holder TheHolder = new(Agent, Session);

    public static readonly Holder OtherHolder = new(Agent, OtherSession);

    /// <summary>Another agent that chose the same session id.</summary>
    public static readonly Holder Namesake = new(new AgentId("agent-b"), Session);

    public static readonly TaskTerms Terms = new(Kind, 0, null, null);

    public static JobHeader Header(JobPolicy? policy = null) =>
        new("a name", policy ?? JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);

    public static TaskSpec Spec(params int[] after) => new() { Kind = Kind, DependsOn = [.. after] };

    public static JobEvent.OutcomesRecorded Recorded(params (int Index, TaskOutcome Outcome)[] outcomes) =>
        RecordedRun(1, outcomes);

    public static JobEvent.OutcomesRecorded RecordedRun(int run, params (int Index, TaskOutcome Outcome)[] outcomes) =>
        new(T0, [.. outcomes.Select(o => new OutcomeRecord(o.Index, run, o.Outcome, "head"))]);

    public static JobCommand.RecordOutcomes Report(params (int Index, TaskOutcome Outcome)[] outcomes) =>
        new(T0, Recorded(outcomes).Outcomes);

    public static JobCommand.RecordOutcomes ReportRun(int run, params (int Index, TaskOutcome Outcome)[] outcomes) =>
        new(T0, RecordedRun(run, outcomes).Outcomes);

    public static JobEvent.Redriven Redriven(IndexRange[] tasks, params IndexRange[] restored) =>
        new(T0, [.. tasks], [.. restored]);

    public static Message.Offer Offer(int first, int count = 1, int run = 1) =>
        new(Job, first, count, run, Token: 0, Version: 0, Kind, 0, null);

    /// <summary>The offer of the first task by itself, after a lease.</summary>
    public static Message.Offer OfferAgain(long token = 1) => Offer(0) with { Token = token };

    public static Lease Lease(long token, int attempt = 1) => new(token, attempt, Agent, Session, Request);

    public static AgentOffer AgentOffer(params string[] kinds) =>
        new([.. kinds], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);
}
