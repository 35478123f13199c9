namespace Elasticity.Saboteur;

/// <summary>Faults of the shell around grains, in the form that the simulator has of it, and of the domain under
/// it.</summary>
internal static partial class Faults
{
    private const string Grains = "sim/Simulator/Cluster";

    private static Sabotage[] OfCluster =>
    [
        .. ((Sabotage[])
        [
            new("stale-write", "an activation believes that it wrote when somebody else did",
                new Edit(
                    $"{Grains}/AggregateGrain.cs", "AppendResult.Conflict conflict => conflict.Actual == append.Next,",
                    "AppendResult.Conflict conflict => conflict.Actual != default,")),
            new("stale-refusal", "an activation refuses without asking whether it still knows what is true",
                new Edit($"{Grains}/AggregateGrain.cs", "? await IsFreshAsync()", "? Head.Version >= 0")),
            new("stale-sweep", "a second activation of a job that stood still is never told (found by seed 26)",
                new Edit($"{Grains}/AggregateGrain.cs", "head.Version > Head.Version ? RefreshAsync()",
                    "head.Version < 0 ? RefreshAsync()")),
            new("stale-agent", "a stale activation of an agent takes leases of its live session back",
                new Edit($"{Grains}/AgentGrain.cs", "(Message.WatchLease)w.Message) is not null))",
                    "(Message.WatchLease)w.Message) is not null && Head.Version < 0))")),
            new("unreachable-is-lost", "a lease whose task cannot be asked is told lost (found by seed 24)",
                new Edit($"{Grains}/Front.cs", "t => t.StandsAsync())));",
                    "t => t.StandsAsync()).ContinueWith(t => t.IsFaulted ? new TaskTold(null, [], 0, null, default) "
                    + ": t.Result, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, "
                    + "TaskScheduler.Default)));")),
            new("moved-is-lost", "a lease is told lost because the agent's grain has just moved (found by seed 111)",
                new Edit(
                    $"{Grains}/Front.cs", ": throw new CallFailedException(\"The agent's grain has just moved.\");",
                    ": LeaseAnswer.Lost;")),
            new("trimmed-begins-anew", "a late letter begins a trimmed task anew (found by seed 8000000099)",
                new Edit($"{Grains}/AggregateGrain.cs", "Tombstone is { } tombstone ? [tombstone] : [],",
                    "Tombstone is not null ? [] : [],"))
            {
                SeedsMax = 20_000,
            },
            new("sweep-without-tasks", "supervisors do not ask what open tasks wait for",
                new Edit($"{Grains}/SupervisorGrain.cs",
                    "await courier.DeliverAsync(await courier.OutstandingAsync(tasks));",
                    "await courier.DeliverAsync([]);")),
            new("sweep-without-offers", "supervisors offer nothing again",
                new Edit($"{Grains}/SupervisorGrain.cs", "[.. offers.SelectMany(o => Without(o, open))]", "[]")),
            new("old-run-granted", "an offer of an older run is granted",
                new Edit(Task, "if (c.Run < state.Run)\n        {\n            return TaskDecision.Reject(NotReady",
                    "if (c.Run < 0)\n        {\n            return TaskDecision.Reject(NotReady")),
            new("old-outcome-recorded", "a job records the outcome of an older run",
                new Edit(Job, "&& o.Run == state.RunOf(o.Index) &&", "&& o.Run > 0 &&")),
        ]).Select(s => s with { Engine = "cluster" }),
    ];
}
