using System.Text;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;

namespace Elasticity.Simulator.Checks;

/// <summary>The trace's words.</summary>
internal static class Words
{
    public static string Of(CoreInput input) => input switch
    {
        CoreInput.ForJob i => $"{string.Join('+', i.Commands.Select(Of))} {i.Job}",
        CoreInput.ForAgent i => $"{i.Command.GetType().Name} {i.Agent}",
        CoreInput.Lease { Request: var r } =>
            $"Lease {r.Session} {r.RequestId} max {r.Max} wait {r.Wait.TotalSeconds:0.#} s",
        CoreInput.AbandonLease => "AbandonLease",
        CoreInput.Beat { Heartbeat: var b } =>
            $"Beat {b.Session} [{string.Join(' ', b.Leases.Select(l => $"{l.Task}#{l.Token}"))}]",
        CoreInput.Settle { Request: var r } =>
            $"Settle {r.Session} [{string.Join("; ", r.Results.Select(Of))}]"
            + (r.Lease is { } l ? $" + Lease {l.RequestId} max {l.Max}" : string.Empty),
        CoreInput.Look => "Look",
        CoreInput.Reserve i => $"Reserve {i.Job}",
        CoreInput.Release i => $"Release {i.Job}",
        CoreInput.JobLoaded i => $"JobLoaded {i.Job} {i.State.Phase}",
        CoreInput.TaskLoaded i => $"TaskLoaded {i.Task} {i.State.Phase} run {i.State.Run}",
        CoreInput.AgentLoaded i => $"AgentLoaded {i.Agent} {i.State.Phase}",
        CoreInput.ChunkLoaded i => $"ChunkLoaded {i.Load.Id} {i.Load.First}+{i.Tasks.Length}",
        _ => input.GetType().Name,
    };

    public static string Of(object answer) => answer switch
    {
        JobAnswer { Rejection: { } r } => r.Code,
        JobAnswer a => $"{a.Job?.State} version {a.Job?.Version}",
        Reply<LeaseGrant> { Rejection: { } r } => r.Code,
        Reply<LeaseGrant> r => $"[{string.Join(' ', r.Value!.Tasks.Select(t => $"{t.Task}#{t.Token}"))}]",
        Reply<HeartbeatAnswer> { Rejection: { } r } => r.Code,
        Reply<HeartbeatAnswer> r => string.Join(' ', r.Value!.Leases),
        Reply<SettleAnswer> { Rejection: { } r } => r.Code,
        Reply<SettleAnswer> { Value: { } a } => string.Join(' ', a.Results.Select(v => v?.Code ?? "ok"))
            + $" [{string.Join(' ', a.Leased.Select(t => $"{t.Task}#{t.Token}"))}] {a.LeaseRejection?.Code}",
        Reply<AgentView> { Rejection: { } r } => r.Code,
        Reply<AgentView> r => $"{r.Value!.Session} {r.Value.State}",
        TrimAnswer a => a.Rejection?.Code ?? (a.Tombstone is null ? "nothing to trim" : "reserved"),
        _ => answer.GetType().Name,
    };

    public static string Of(EventRecord e)
    {
        string content = Encoding.UTF8.GetString(e.Content.Span);
        return content.Length <= 300 ? content : content[..300] + "…";
    }

    /// <summary>The code of a rejection, or <c>ok</c>.</summary>
    public static string Code(Rejection? rejection) => rejection?.Code ?? "ok";

    private static string Of(JobCommand command) => command switch
    {
        JobCommand.AddTasks a => $"AddTasks({a.First}+{a.Tasks.Length})",
        JobCommand.Redrive { Index: { } i } => $"Redrive({i})",
        _ => command.GetType().Name,
    };

    private static string Of(TaskResult r) => $"{r.Task}#{r.Token} {r.Settlement.GetType().Name}";
}
