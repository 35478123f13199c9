namespace Elasticity.Saboteur;

/// <summary>Faults of the shell around grains, in the form that the simulator has of it, of the domain under it, and of
/// the desk.</summary>
internal static partial class Faults
{
    private const string Grains = "sim/Simulator/Cluster";
    private const string Desk = "src/Engine/Desk/TaskDesk.cs";
    private const string Retold = "has ended.\")\n                        .Tell(Ended(id, state));";

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
                new Edit($"{Grains}/JobGrain.cs", "if (version > Head.Version)", "if (version < 0)")),
            new("stale-agent", "a stale activation of an agent takes leases of its live session back",
                new Edit($"{Grains}/AgentGrain.cs", "(Message.WatchLease)w.Message) is not null))",
                    "(Message.WatchLease)w.Message) is not null && Head.Version < 0))")),
            new("unreachable-is-lost", "a lease whose task cannot be asked is told lost (found by seed 24)",
                new Edit(
                    $"{Grains}/Front.cs", "bool[] stands = await WatchAgainAsync(heartbeat, reply.Value);",
                    "bool[] stands = new bool[heartbeat.Leases.Length];\n"
                    + "try { stands = await WatchAgainAsync(heartbeat, reply.Value); }\n"
                    + "catch (EngineUnavailableException) { }")),
            new("moved-is-lost", "a lease is told lost because the agent's grain has just moved (found by seed 111)",
                new Edit("src/Engine/IWork.cs", ": stands ? LeaseAnswer.Unknown", ": stands ? LeaseAnswer.Lost"))
                { SeedsMax = 20_000 },
            new("trimmed-begins-anew", "a late letter begins a trimmed task anew (found by seed 8000000099)",
                new Edit($"{Grains}/AggregateGrain.cs", "Tombstone is { } tombstone ? [tombstone] : [],",
                    "Tombstone is not null ? [] : [],")) { SeedsMax = 20_000 },
            new("ended-untold", "a task that is offered once more does not say that it has ended",
                new Edit(Task, Retold, "has ended.\");")),
            new("outcome-unsaid", "the same, and a report is answered although its job could not be told",
                new Edit(Task, Retold, "has ended.\");"),
                new Edit($"{Grains}/Front.cs", "if (courier.MissedAnOutcome)", "if (silo.Monotonic < TimeSpan.Zero)")),
            new("sweep-without-tasks", "supervisors do not ask what open tasks wait for",
                new Edit($"{Grains}/SupervisorGrain.cs",
                    "await courier.DeliverAsync([.. told.SelectMany(t => t.Letters)]);",
                    "await courier.DeliverAsync([]);")),
            new("sweep-without-offers", "supervisors offer nothing again",
                new Edit($"{Grains}/SupervisorGrain.cs", "[.. offers.SelectMany(o => Without(o, open))]", "[]")),
            new("old-outcome-recorded", "a job records the outcome of an older run",
                new Edit(Job, "&& o.Run == state.RunOf(o.Index) &&", "&& o.Run > 0 &&")),
        ]).Select(s => s with { Engine = "cluster" }),
    ];

    /// <summary>What a quiet cluster must do at once.</summary>
    private static Sabotage[] OfQuietCluster =>
    [
        .. ((Sabotage[])
        [
            new("cluster-pause-late", "queues of a cluster hear of a pause by a sweep only",
                new Edit(Job, ".Tell(new Message.SetPaused(id, IsPaused: true))", string.Empty)),
            new("cluster-pause-ignored", "queues of a cluster do not heed a pause",
                new Edit($"{Grains}/QueueGrain.cs", "        _ready.SetPaused(job, isPaused);\n", "\n")),
            new("cluster-stop-ignored", "a cancelled job tells nobody, and hands its tasks out all the same",
                new Edit(Job, "JobDecision.Accept(new JobEvent.CancelRequested(c.Now)) with { Sweep = true },",
                    "JobDecision.Accept(new JobEvent.CancelRequested(c.Now)),"),
                new Edit(
                    $"{Grains}/JobGrain.cs", "state.Awaits(task.Task.Index, task.Run) ?",
                    "state.Awaits(task.Task.Index, task.Run) || state.IsStopping ?"),
                new Edit(
                    $"{Grains}/QueueGrain.cs", "                    _ready.Withdraw(m.Job);\n", "\n")),
            new("cluster-no-turns", "a job keeps its turn in the queues of a cluster",
                new Edit(Queue, "_turns.AddLast(turn);", "_turns.AddFirst(turn);")),
            new("cluster-priorities-reversed", "the smaller priority goes first in the queues of a cluster",
                new Edit(Queue, "b.CompareTo(a)", "a.CompareTo(b)")),
        ]).Select(s => s with { Engine = "cluster" }),
    ];

    private static Sabotage[] OfDesk =>
    [
        .. ((Sabotage[])
        [
            new("desk-conflict-as-stored", "the desk takes a conflict for its own append",
                new Edit(Desk, "if (result is AppendResult.Appended)", "if (result is not null)")),
            new("desk-unknown-as-stored", "the desk takes an append of unknown outcome for stored",
                new Edit(Desk, "return await WasAppendedAsync(batch.Id)", "return batch.Id != default")),
            new("desk-begins-anew", "the desk begins a task of a trimmed job anew",
                new Edit(Desk, ".Select(StreamNames.TombstoneOf),", ".Select(StreamNames.TombstoneOf).Take(0),")),
            new("desk-sweeps-from-memory", "sweeps are told what the desk remembers, and not what the log says",
                new Edit(Desk, "k.Head == s.Stream.Head ? k : null", "k.Head.Version > 0 ? k : null")),
        ]).Select(s => s with { Engine = "cluster" }),
    ];
}
