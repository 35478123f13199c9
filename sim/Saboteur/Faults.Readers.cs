namespace Elasticity.Saboteur;

internal static partial class Faults
{
    private const string Summary = "src/Engine/Views/JobSummary.cs";

    /// <summary>What a reader with fresh eyes put in on 2026-11-27, and no rule saw.</summary>
    private static Sabotage[] OfReaders =>
    [
        new("redrives-the-first", "a redrive of all that was given up takes up the first only",
            new Edit(
                Redriving, "        if (asked.Length == 0)\n",
                "        asked = c.Index is null ? [.. asked.Take(1)] : asked;\n        if (asked.Length == 0)\n")),
        new("redrives-the-cancelled", "a redrive of all that was given up takes up what was cancelled, too",
            new Edit(
                Redriving, "i => state.Status[i] == JobTaskStatus.DeadLettered && !state.IsErased(i))];",
                "i => state.Status[i] is JobTaskStatus.DeadLettered or JobTaskStatus.Cancelled "
                + "&& !state.IsErased(i))];")),
        new("restores-neighbours-only", "a redrive restores what depends on its tasks, and nothing behind that",
            new Edit(Redriving, "                    next.Enqueue(dependent);\n", "\n")),
        new("redrive-unknown-again", "a redrive that is asked for once more is not known again",
            new Edit(
                Redriving, "if (known.Request == request)", "if (known.Request == request && request.Length == 0)"))
            { Engine = "cluster" },
        new("checkpoint-without-redrives", "a checkpoint does not say which redrives are known",
            new Edit(Checkpoints, "        state.Redrives);\n", "        []);\n")),
        new("all-erased", "all payloads of a job are erased when those of one task were to be",
            new Edit(
                Removing, "new JobEvent.PayloadsErased(c.Now, c.Index)", "new JobEvent.PayloadsErased(c.Now, null)")),
        new("silent-with-leases", "a session that holds leases ends as silent",
            new Edit($"{Core}.Agents.cs", " && _leases.CountOf(a.Holder) == 0),", "),")),
        new("drain-untold", "a heartbeat does not say that its agent is to drain",
            new Edit(
                $"{Core}.Agents.cs", "bool isDraining = agent.State.Phase == AgentPhase.Draining;",
                "bool isDraining = agent.State.Phase == AgentPhase.None;")),
        new("answered-as-before", "a command is answered with how the job stood before it",
            new Edit(
                $"{Core}.Jobs.cs", "        bool wasKnown = job.State.SealedAt is not null;",
                "        JobState before = job.State;\n        bool wasKnown = job.State.SealedAt is not null;"),
            new Edit(
                $"{Core}.Jobs.cs", "state.Phase == JobPhase.None ? null : JobSummary.Of(job.Id, state),",
                "state.Phase == JobPhase.None ? null\n"
                + "                : JobSummary.Of(job.Id, before with { Version = state.Version }),")),
        new("never-known", "a job that is submitted again is told to be new",
            new Edit($"{Core}.Jobs.cs", "            wasKnown,\n", "            wasKnown && state.TaskCount < 0,\n")),
        new("grant-without-name", "a task is handed out without its name",
            new Edit($"{Core}.Leasing.cs", "        spec.Name,\n", "        null,\n")),
        new("grant-of-first-run", "a task is handed out as if it were in its first run",
            new Edit($"{Core}.Leasing.cs", "        task.State.Run,\n", "        1,\n")),
        new("ended-shown-wrong", "the list of jobs shows that a job ended when it was accepted",
            new Edit(Summary, "        state.EndedAt,\n", "        state.EndedAt is null ? null : state.SealedAt,\n")),
        new("policy-shown-wrong", "the list of jobs shows no policy",
            new Edit(Summary, "        state.Header.Policy,\n", "        JobPolicy.Default,\n")),
        new("labels-dropped", "a job is stored without its labels",
            new Edit(
                Job, "new JobEvent.Opened(c.Now, header, c.Digest, c.TaskCount)",
                "new JobEvent.Opened(c.Now, header with { Labels = header.Labels.Clear() }, c.Digest, c.TaskCount)")),
        new("offer-changed", "an agent is stored with one slot",
            new Edit(
                Agent, "new AgentEvent.Registered(c.Now, c.Session, offer)",
                "new AgentEvent.Registered(c.Now, c.Session, offer with { Slots = 1 })")),
        new("dead-letters-shown-wrong", "people are shown as many dead letters as the job has tasks",
            new Edit(
                $"{Core}.Looking.cs", "Finding.DeadLetters(j.Id, j.State.Counts.DeadLettered)",
                "Finding.DeadLetters(j.Id, j.State.TaskCount)")),
    ];
}
