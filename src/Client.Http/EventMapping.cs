using Elasticity.Contracts;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Client.Http;

/// <summary>Between the messages and the domain: stored facts, and how the engine is.</summary>
internal static class EventMapping
{
    public static StoredEvent ToEvent(EventDocument stored) => new(
        new StreamId(stored.Stream),
        stored.Version,
        new EventRecord(
            stored.Type,
            stored.Metadata.Utf8,
            stored.Content.Utf8,
            ReadOnlyMemory<byte>.Empty,
            Hash256.Parse(stored.Hash)));

    public static LogPage ToPage(LogDocument page) =>
        new([.. page.Events.Select(ToEvent)], new LogCursor(page.Next), page.IsEnd);

    public static QueueView ToView(QueueDocument queue) =>
        new(queue.Kind, queue.Ready, queue.Delayed, queue.Leased, queue.Agents, queue.Waiting);

    public static Finding ToFinding(FindingDocument finding) => new(finding.Code, finding.Subject, finding.Detail);

    public static EngineStatus ToStatus(StatusDocument status) => new(
        status.State,
        status.IsReady,
        status.Reason,
        status.Code,
        Seconds.ToTime(status.LagSeconds),
        status.OpenJobs,
        status.LeasedTasks,
        status.QueuedTasks,
        status.Agents,
        status.Appends,
        status.Events,
        status.Granted,
        status.Settled,
        status.Refused,
        status.TakenBack)
    {
        LogLagEvents = status.LogLagEvents,
        Undelivered = status.Undelivered,
    };
}
