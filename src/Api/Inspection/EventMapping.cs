using Elasticity.Contracts;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Api.Inspection;

/// <summary>Between the messages and the domain: stored facts, and how the engine is.</summary>
internal static class EventMapping
{
    public static EventDocument ToDocument(StoredEvent stored) => new()
    {
        Stream = stored.Stream.Value,
        Version = stored.Version,
        Type = stored.Record.Type,
        Metadata = new RawJson(stored.Record.Metadata),
        Content = new RawJson(stored.Record.Content),
        Hash = stored.Record.Hash.ToString(),
    };

    public static LogDocument ToDocument(LogPage page) => new()
    {
        Events = [.. page.Events.Select(ToDocument)],
        Next = page.Next.Value,
        IsEnd = page.IsEnd,
    };

    public static QueueDocument ToDocument(QueueView queue) => new()
    {
        Kind = queue.Kind,
        Ready = queue.Ready,
        Delayed = queue.Delayed,
        Leased = queue.Leased,
        Agents = queue.Agents,
        Waiting = queue.Waiting,
    };

    public static FindingDocument ToDocument(Finding finding) =>
        new() { Code = finding.Code, Subject = finding.Subject, Detail = finding.Detail };

    public static StatusDocument ToDocument(EngineStatus status) => new()
    {
        State = status.State,
        IsReady = status.IsReady,
        Reason = status.Reason,
        Code = status.Code,
        LagSeconds = status.Lag.TotalSeconds,
        LogLagEvents = status.LogLagEvents,
        OpenJobs = status.OpenJobs,
        LeasedTasks = status.LeasedTasks,
        QueuedTasks = status.QueuedTasks,
        Agents = status.Agents,
        Appends = status.Appends,
        Events = status.Events,
        Granted = status.Granted,
        Settled = status.Settled,
        Refused = status.Refused,
        TakenBack = status.TakenBack,
        Undelivered = status.Undelivered,
    };
}
