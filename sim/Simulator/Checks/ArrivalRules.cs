using System.Collections.Immutable;
using Elasticity.Agent.Sdk.Core;
using Elasticity.Client.Http;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>What is asked arrives as it was meant, and what is answered is understood as it was told: nothing is lost,
/// rounded or mixed up between JSON, messages and the domain.</summary>
internal static class ArrivalRules
{
    private const string Asked = "requests-arrive";
    private const string Told = "answers-arrive";

    /// <summary>A client's question was read.</summary>
    public static void Arrived(CoreInput meant, CoreInput read) =>
        Require(IsSame(meant, read), Asked, Words.Of(meant), $"read as {Words.Of(read)}: {read}");

    /// <summary>The question of an agent of the SDK was read.</summary>
    public static void Arrived(AgentCall meant, CoreInput read) =>
        Require(IsSame(meant, read), Asked, meant.Session, $"{meant} read as {Words.Of(read)}: {read}");

    /// <summary>A question that nothing is wrong with was refused before the engine was asked.</summary>
    /// <param name="meant">The question.</param>
    /// <param name="code">Why.</param>
    /// <param name="limits">The limits in force.</param>
    public static void Refused(CoreInput meant, string code, Limits limits) => Require(
        meant is CoreInput.ForJob { Commands: [JobCommand.Open, JobCommand.AddTasks { Tasks: var tasks }, _] }
        && JobDraft.ProblemOf(tasks, limits)?.Code == code,
        Asked, Words.Of(meant), $"refused as {code}");

    /// <summary>A client read an answer.</summary>
    /// <param name="asked">The question.</param>
    /// <param name="told">What the engine said; null when it said nothing.</param>
    /// <param name="answer">What the client made of it.</param>
    public static void Understood(CoreInput asked, object? told, object answer) => Require(
        told is null || IsSame(told, answer), Told, Words.Of(asked),
        $"{(told is null ? null : Words.Of(told))} understood as {Words.Of(answer)}: {answer}");

    /// <summary>An agent of the SDK read an answer.</summary>
    public static void Understood(AgentCall asked, object? told, AgentAnswer answer) => Require(
        told is null || IsSame(told, answer), Told, asked.Session,
        $"{(told is null ? null : Words.Of(told))} understood as {answer}");

    private static bool IsSame(CoreInput meant, CoreInput read) => (meant, read) switch
    {
        (CoreInput.ForJob a, CoreInput.ForJob b) => a.Job == b.Job && AreSame(a.Commands, b.Commands, IsSame),
        (CoreInput.ForAgent { Command: AgentCommand.Register x } a, CoreInput.ForAgent b) =>
            a.Agent == b.Agent && b.Command is AgentCommand.Register y && x.Session == y.Session
            && AreSame(x.Offer.Kinds, y.Offer.Kinds, Equals)
            && x.Offer.Slots == y.Offer.Slots && x.Offer.Labels.SequenceEqual(y.Offer.Labels)
            && x.Offer.IsInProcess == y.Offer.IsInProcess,
        (CoreInput.ForAgent a, CoreInput.ForAgent b) => a.Agent == b.Agent && a.Command == b.Command,
        (CoreInput.Lease a, CoreInput.Lease b) => IsSame(a.Request, b.Request),
        (CoreInput.Beat { Heartbeat: var a }, CoreInput.Beat { Heartbeat: var b }) =>
            a.Agent == b.Agent && a.Session == b.Session && AreSame(a.Leases, b.Leases, Equals),
        (CoreInput.Settle { Request: var a }, CoreInput.Settle { Request: var b }) =>
            a.Agent == b.Agent && a.Session == b.Session && AreSame(a.Results, b.Results, Equals)
            && IsSame(a.Lease, b.Lease),
        _ => false,
    };

    private static bool IsSame(JobCommand meant, JobCommand read) => (meant, read) switch
    {
        (JobCommand.Open a, JobCommand.Open b) =>
            a.Digest == b.Digest && a.TaskCount == b.TaskCount && a.Header.Name == b.Header.Name
            && a.Header.Policy == b.Header.Policy && a.Header.Labels.SequenceEqual(b.Header.Labels),
        (JobCommand.AddTasks a, JobCommand.AddTasks b) => a.First == b.First && AreSame(a.Tasks, b.Tasks, IsSame),
        (JobCommand.Redrive a, JobCommand.Redrive b) =>
            a.Index == b.Index && a.Request is null == b.Request is null,
        _ => meant == read,
    };

    private static bool IsSame(TaskSpec meant, TaskSpec read) =>
        meant with { DependsOn = read.DependsOn } == read && AreSame(meant.DependsOn, read.DependsOn, Equals);

    private static bool IsSame(LeaseRequest? meant, LeaseRequest? read) => meant is null || read is null
        ? meant is null && read is null
        : meant with { Kinds = read.Kinds } == read && AreSame(meant.Kinds, read.Kinds, Equals);

    /// <summary>The messages of the SDK against what was read of them, without a mapping between.</summary>
    private static bool IsSame(AgentCall meant, CoreInput read) => (meant, read) switch
    {
        (AgentCall.Register { Body: var a }, CoreInput.ForAgent { Command: AgentCommand.Register b }) =>
            meant.Session == b.Session.Value && a.Kinds.SequenceEqual(b.Offer.Kinds)
            && (a.Slots ?? 1) == b.Offer.Slots && (a.Labels?.Count ?? 0) == b.Offer.Labels.Count,
        (AgentCall.Lease { Body: var a }, CoreInput.Lease { Request: var b }) =>
            meant.Session == b.Session.Value && IsSame(a, b),
        (AgentCall.Settle { Body: var a }, CoreInput.Settle { Request: var b }) =>
            meant.Session == b.Session.Value && a.Results.Count == b.Results.Length
            && a.Results.Zip(b.Results).All(r => IsSame(r.First, r.Second)) && IsSame(a.Lease, b.Lease),
        (AgentCall.Heartbeat { Body: var a }, CoreInput.Beat { Heartbeat: var b }) =>
            meant.Session == b.Session.Value && a.Leases.Count == b.Leases.Length
            && a.Leases.Zip(b.Leases).All(
                l => l.First.Job == l.Second.Task.Job.Value && l.First.Index == l.Second.Task.Index
                    && l.First.Token == l.Second.Token && l.First.Progress == l.Second.Progress),
        (AgentCall.Drain, CoreInput.ForAgent { Command: AgentCommand.Drain b }) => meant.Session == b.Session.Value,
        (AgentCall.Close, CoreInput.ForAgent { Command: AgentCommand.EndSession b }) =>
            meant.Session == b.Session.Value,
        _ => false,
    };

    private static bool IsSame(LeaseTasks? meant, LeaseRequest? read) => meant is null || read is null
        ? meant is null && read is null
        : meant.RequestId == read.RequestId && meant.Max == read.Max
            && TimeSpan.FromSeconds(meant.WaitSeconds ?? 0) == read.Wait
            && (meant.Kinds ?? []).SequenceEqual(read.Kinds.IsDefault ? [] : read.Kinds);

    private static bool IsSame(TaskResultInput meant, TaskResult read) =>
        meant.Job == read.Task.Job.Value && meant.Index == read.Task.Index && meant.Token == read.Token
        && (meant.Outcome, read.Settlement) switch
        {
            (OutcomeWord.Succeeded, Settlement.Succeeded s) =>
                meant.Result.Utf8.Span.SequenceEqual(s.Result.Bytes.Span),
            (OutcomeWord.Failed, Settlement.Failed s) =>
                meant.Result.Utf8.Span.SequenceEqual(s.Result.Bytes.Span) && meant.Failure!.Code == s.Failure.Code
                && meant.Failure.Message == s.Failure.Message && (meant.Failure.IsFinal ?? false) == s.Failure.IsFinal,
            (OutcomeWord.GivenBack, Settlement.GivenBack) => true,
            _ => false,
        };

    private static bool IsSame(object told, object answer) => (told, answer) switch
    {
        (JobAnswer { Rejection: { } a }, JobAnswer b) => a == b.Rejection,
        (JobAnswer a, JobAnswer { Job: { } job } b) =>
            b.Rejection is null && a.Job! with { Labels = job.Labels } == job
            && a.Job!.Labels.SequenceEqual(job.Labels) && (a.WasKnown == b.WasKnown || !b.WasKnown),
        (JobAnswer a, JobAnswer b) => b.Rejection is null && a.Progress == b.Progress,
        (Reply<AgentView> { Rejection: { } a }, Reply<AgentView> b) => a == b.Rejection,
        (Reply<AgentView> { Value: { } a }, Reply<AgentView> { Value: { } b }) =>
            a with { Offer = b.Offer } == b && a.Offer.Slots == b.Offer.Slots
            && AreSame(a.Offer.Kinds, b.Offer.Kinds, Equals),
        (Reply<LeaseGrant> { Rejection: { } a }, Reply<LeaseGrant> b) => a == b.Rejection,
        (Reply<LeaseGrant> { Value: { } a }, Reply<LeaseGrant> { Value: { } b }) => AreSame(a.Tasks, b.Tasks, Equals),
        (Reply<HeartbeatAnswer> { Rejection: { } a }, Reply<HeartbeatAnswer> b) => a == b.Rejection,
        (Reply<HeartbeatAnswer> { Value: { } a }, Reply<HeartbeatAnswer> { Value: { } b }) =>
            a.IsDraining == b.IsDraining && AreSame(a.Leases, b.Leases, Equals),
        (Reply<SettleAnswer> { Rejection: { } a }, Reply<SettleAnswer> b) => a == b.Rejection,
        (Reply<SettleAnswer> { Value: { } a }, Reply<SettleAnswer> { Value: { } b }) => IsSame(a, b),
        _ => false,
    };

    private static bool IsSame(object told, AgentAnswer answer) => (told, answer) switch
    {
        (Reply<AgentView> { IsAccepted: true }, AgentAnswer.Done) => true,
        (Reply<AgentView> { Rejection: { } a }, AgentAnswer.Refused b) => IsSame(a, b),
        (Reply<LeaseGrant> { Rejection: { } a }, AgentAnswer.Refused b) => IsSame(a, b),
        (Reply<LeaseGrant> { Value: { } a }, AgentAnswer.Leased b) =>
            AreSame(a.Tasks, WorkMapping.ToLeased(b.Tasks), Equals),
        (Reply<HeartbeatAnswer> { Rejection: { } a }, AgentAnswer.Refused b) => IsSame(a, b),
        (Reply<HeartbeatAnswer> { Value: { } a }, AgentAnswer.Beaten { Document: var b }) =>
            a.IsDraining == b.IsDraining
            && a.Leases.Length - a.Leases.Count(l => l is Domain.Leases.LeaseAnswer.Lost) == b.Renewed
            && a.Leases.Count(l => l is Domain.Leases.LeaseAnswer.CancelRequested) == b.CancelRequested.Count,
        (Reply<SettleAnswer> { Rejection: { } a }, AgentAnswer.Refused b) => IsSame(a, b),
        (Reply<SettleAnswer> { Value: { } a }, AgentAnswer.Settled { Document: var b }) =>
            IsSame(a, WorkMapping.ToAnswer(b, a.Results.Length)),
        _ => false,
    };

    private static bool IsSame(Rejection told, AgentAnswer.Refused refused) =>
        told.Code == refused.Code && told.Detail == refused.Detail && refused.Status is >= 400 and < 500;

    private static bool IsSame(SettleAnswer told, SettleAnswer answer) =>
        AreSame(told.Results, answer.Results, Equals) && AreSame(told.Leased, answer.Leased, Equals)
        && told.LeaseRejection == answer.LeaseRejection;

    private static bool AreSame<T>(ImmutableArray<T> a, ImmutableArray<T> b, Func<T, T, bool> isSame)
    {
        ReadOnlySpan<T> left = a.AsSpan();
        ReadOnlySpan<T> right = b.AsSpan();
        for (int i = 0; i < left.Length && i < right.Length; i++)
        {
            if (!isSame(left[i], right[i]))
            {
                return false;
            }
        }

        return left.Length == right.Length;
    }

    private static bool Equals<T>(T a, T b) => EqualityComparer<T>.Default.Equals(a, b);
}
