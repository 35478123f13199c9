using System.Globalization;
using System.Text;
using Elasticity.Api.Http;
using Elasticity.Engine;

namespace Elasticity.Api.Inspection;

/// <summary>Writes metrics in the text format of Prometheus, version 0.0.4. The number of label values is
/// limited.</summary>
internal sealed class MetricsText
{
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    private const string Other = "_other";

    private readonly StringBuilder _text = new();

    /// <summary>Writes everything.</summary>
    /// <param name="status">How the engine is.</param>
    /// <param name="isDegraded">Whether this process lacks something although it may serve.</param>
    /// <param name="queues">The queues; empty while the engine does not serve.</param>
    /// <param name="edge">What the API counted.</param>
    /// <param name="kindsMax">How many kinds are named.</param>
    public static string Write(
        EngineStatus status, bool isDegraded, IReadOnlyList<QueueView> queues, EdgeCounters edge, int kindsMax)
    {
        MetricsText metrics = new();
        metrics.Engine(status);
        metrics.One(
            "elasticity_degraded", "gauge", "1 when it lacks something although it may serve.", isDegraded ? 1 : 0);
        metrics.Queues(Limited(queues, kindsMax));
        metrics.Edge(edge);
        return metrics._text.ToString();
    }

    private void Engine(EngineStatus status)
    {
        One("elasticity_ready", "gauge", "1 when the engine serves and does not lag.", status.IsReady ? 1 : 0);
        One("elasticity_lag_seconds", "gauge", "How long the oldest waiting command waits.", status.Lag.TotalSeconds);
        One("elasticity_log_lag_events", "gauge", "Stored events that the log holds back.", status.LogLagEvents);
        One("elasticity_open_jobs", "gauge", "Jobs in memory.", status.OpenJobs);
        One("elasticity_leased_tasks", "gauge", "Live leases.", status.LeasedTasks);
        One("elasticity_queued_tasks", "gauge", "Ready and delayed tasks.", status.QueuedTasks);
        One("elasticity_agents", "gauge", "Live agents.", status.Agents);
        One("elasticity_appends_total", "counter", "Batches made durable.", status.Appends);
        One("elasticity_events_total", "counter", "Events made durable.", status.Events);
        One("elasticity_leases_granted_total", "counter", "Leases given.", status.Granted);
        One("elasticity_results_settled_total", "counter", "Results recorded.", status.Settled);
        One("elasticity_results_refused_total", "counter", "Results refused.", status.Refused);
        One("elasticity_leases_taken_back_total", "counter", "Leases lost or expired.", status.TakenBack);
        One(
            "elasticity_messages_undelivered_total",
            "counter",
            "Messages in a cluster that did not arrive; sweeps repeat them.",
            status.Undelivered);
    }

    private void Queues(IReadOnlyList<QueueView> queues)
    {
        ByKind("elasticity_queue_ready", "Tasks that may be leased now.", queues, q => q.Ready);
        ByKind("elasticity_queue_delayed", "Tasks that wait for an instant.", queues, q => q.Delayed);
        ByKind("elasticity_queue_leased", "Tasks with an agent.", queues, q => q.Leased);
        ByKind("elasticity_queue_agents", "Live agents that offer the kind.", queues, q => q.Agents);
        ByKind("elasticity_queue_waiting", "Lease requests that wait.", queues, q => q.Waiting);
    }

    private void Edge(EdgeCounters edge)
    {
        One("elasticity_event_streams", "gauge", "Open streams of server-sent events.", edge.Streams);
        Head("elasticity_http_requests_total", "counter", "Requests answered, by hundred of the status.");
        for (int hundred = 1; hundred <= 5; hundred++)
        {
            Line("elasticity_http_requests_total", "status", $"{hundred}xx", edge.Requests(hundred));
        }

        Head("elasticity_http_problems_total", "counter", "Problems answered, by code.");
        foreach ((string code, long count) in edge.Problems)
        {
            Line("elasticity_http_problems_total", "code", code, count);
        }
    }

    private static List<QueueView> Limited(IReadOnlyList<QueueView> queues, int kindsMax)
    {
        if (queues.Count <= kindsMax)
        {
            return [.. queues];
        }

        QueueView[] byLength = [.. queues.OrderByDescending(q => q.Ready + q.Leased)];
        QueueView[] rest = byLength[kindsMax..];
        return
        [
            .. byLength[..kindsMax].OrderBy(q => q.Kind, StringComparer.Ordinal),
            new QueueView(
                Other,
                rest.Sum(q => q.Ready),
                rest.Sum(q => q.Delayed),
                rest.Sum(q => q.Leased),
                rest.Sum(q => q.Agents),
                rest.Sum(q => q.Waiting)),
        ];
    }

    private void ByKind(string name, string help, IReadOnlyList<QueueView> queues, Func<QueueView, int> value)
    {
        Head(name, "gauge", help);
        foreach (QueueView queue in queues)
        {
            Line(name, "kind", queue.Kind, value(queue));
        }
    }

    private void One(string name, string type, string help, double value)
    {
        Head(name, type, help);
        _text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
    }

    private void Head(string name, string type, string help) =>
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

    // Kinds and codes are [A-Za-z0-9._-]: nothing to escape.
    private void Line(string name, string label, string labelValue, double value) =>
        _text.Append(CultureInfo.InvariantCulture, $"{name}{{{label}=\"{labelValue}\"}} {value}\n");
}
