using System.Diagnostics;
using System.Diagnostics.Metrics;
using Elasticity.Agent.Sdk.Core;
using Elasticity.Contracts;

namespace Elasticity.Agent.Sdk.Running;

/// <summary>Traces and metrics, both under the name <c>Elasticity.Agent</c>.</summary>
internal static class AgentDiagnostics
{
    private const string Source = "Elasticity.Agent";

    private static readonly ActivitySource Activities = new(Source);
    private static readonly Meter Meter = new(Source);

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "elasticity.agent.task.duration", "s", "How long handlers ran, by kind and by how they ended.");

    private static readonly Counter<long> Events = Meter.CreateCounter<long>(
        "elasticity.agent.events", "{event}", "What the agent had to say, by what it was: lease-taken and so on.");

    public static Activity? Begin(LeasedTaskDocument task)
    {
        Activity? activity = Activities.StartActivity("execute task", ActivityKind.Consumer);
        if (activity is { IsAllDataRequested: true })
        {
            activity.DisplayName = $"execute {task.Kind}";
            activity.SetTag("elasticity.job", task.Job);
            activity.SetTag("elasticity.task", task.Index);
            activity.SetTag("elasticity.kind", task.Kind);
            activity.SetTag("elasticity.run", task.Run);
            activity.SetTag("elasticity.attempt", task.Attempt);
            activity.SetTag("elasticity.token", task.Token);
        }

        return activity;
    }

    public static void End(Activity? activity, string kind, HandlerEnd end, TimeSpan took)
    {
        if (end is HandlerEnd.Failed failed)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failed.Failure.Code);
        }

        if (Duration.Enabled)
        {
            string outcome = end switch
            {
                HandlerEnd.Succeeded => "succeeded",
                HandlerEnd.Failed => "failed",
                _ => "stopped",
            };
            Duration.Record(took.TotalSeconds, new("kind", kind), new("outcome", outcome));
        }
    }

    public static void Count(AgentEventKind kind)
    {
        if (Events.Enabled)
        {
            Events.Add(1, new KeyValuePair<string, object?>("event", kind.ToString()));
        }
    }
}
