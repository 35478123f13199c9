namespace Elasticity.Saboteur;

internal static partial class Faults
{
    /// <summary>Turns of kinds, signs of life, progress, chance, and redrives of one of several.</summary>
    private static Sabotage[] OfTurns =>
    [
        new("kinds-in-order", "the kinds that an agent takes come in the order of its offer, and not in turns",
            new Edit(Leasing, "live.Kinds.Order(kinds)", "kinds")),
        new("cluster-kinds-in-order", "in a cluster the kinds of an agent come in the order of its offer",
            new Edit(
                "sim/Simulator/Cluster/AgentGrain.Waiting.cs", "_turns.Order(request.KindsFor(Current))",
                "request.KindsFor(Current)")) { Engine = "cluster" },
        new("former-session-heard", "what a former session asks is a sign of life of the present one",
            new Edit(
                $"{Core}.Agents.cs", "if (agent.State.IsSignOfLife(input.Command))", "if (agent.State.IsOpen)")),
        new("progress-dropped", "what agents say of their progress is not shown",
            new Edit(Book, "entry.Progress = progress ?? entry.Progress;", "entry.Progress = null;")),
        new("progress-stays", "what an agent said of its progress first stays",
            new Edit(
                Book, "entry.Progress = progress ?? entry.Progress;", "entry.Progress = entry.Progress ?? progress;")),
        new("no-jitter", "tasks that failed together come back together",
            new Edit("src/Domain/Tasks/RetryPolicy.cs", "(Jitter * chance)", "(Jitter * Math.Min(chance, 0))")),
        new("grace-used-for-ever", "a heartbeat does not give a lease its grace back",
            new Edit(
                Book, "entry.IsGraceUsed = false; // The agent lives",
                "entry.IsGraceUsed |= false; // The agent lives"))
            { SeedsMax = 10_000 },
        new("grace-again-and-again", "an engine that freezes again and again keeps the leases of a dead agent alive",
            new Edit(Book, "if (!entry.IsGraceUsed)", "if (entry.Lease is not null)")) { SeedsMax = 10_000 },
        new("drain-unheard", "that a session drains is no sign of its life",
            new Edit(
                "src/Domain/Agents/Agent.cs", "AgentCommand.Drain c => IsLive(c.Session),",
                "AgentCommand.Drain c => IsLive(c.Session) && Phase == AgentPhase.None,")) { SeedsMax = 10_000 },
        new("silence-not-forgiven", "an engine that stood still ends the sessions that it could not hear",
            new Edit($"{Core}.cs", "            ForgiveSilence();\n", "\n")) { SeedsMax = 10_000 },
        new("skip-asked-not-restored", "a redrive does not restore what was only asked to skip",
            new Edit(
                Redriving, "is JobTaskStatus.Skipped or JobTaskStatus.SkipAsked", "is JobTaskStatus.Skipped"))
            { SeedsMax = 10_000 },
        new("lost-over-redrives", "leases that were lost before a redrive count after it",
            new Edit(
                Task, "            Run = run,\n",
                "            Run = run,\n            LeasesLost = state.LeasesLost,\n"))
            { SeedsMax = 10_000 },
        new("expired-over-redrives", "leases that expired before a redrive count after it",
            new Edit(
                Task, "            Run = run,\n",
                "            Run = run,\n            LeasesExpired = state.LeasesExpired,\n")),
        new("restores-what-cannot-run", "a redrive of one task restores what depends on others that were given up",
            new Edit(
                Redriving, "if (IsEndedBadly(state.Status[dependency]) && !alive.Contains(dependency))",
                "if (IsEndedBadly(state.Status[dependency]) && alive.Count == 0)")),
        new("old-dead-letter-fails", "a job that fails fast fails for a task that was given up before its redrive",
            new Edit(
                Job, "&& next.Counts.DeadLettered > state.Counts.DeadLettered)", "&& next.Counts.DeadLettered > 0)")),
        new("page-skips", "a page of tasks begins one behind the end of the one before",
            new Edit(
                "src/Engine/Reading/TaskViews.cs", "(items, index < job.State.TasksAdded ? index : null)",
                "(items, index < job.State.TasksAdded ? index + 1 : null)")),
        new("full-page-is-last", "a page of jobs that is full says that it is the last",
            new Edit(
                "src/Engine/Reading/StoreInspection.cs", "string? next = rows.Count < limit",
                "string? next = rows.Count <= limit")),
        new("view-of-the-run-before", "a task that is redriven is shown as it was before",
            new Edit(
                "src/Engine/Reading/TaskViews.cs", "is var run && state.Run < run)",
                "is var run && state.Run + 1 < run)")),
        new("redrive-known-by-name", "another redrive under the id of a known one is taken for that",
            new Edit(
                Job, "known.Index == c.Index ? JobDecision.NoChange",
                "known.Request == request ? JobDecision.NoChange")),
    ];
}
