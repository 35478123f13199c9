namespace Elasticity.Saboteur;

internal static partial class Faults
{
    /// <summary>Plain mistakes, one for each rule that nothing else breaks.</summary>
    private static Sabotage[] Plain =>
    [
        new("last-comes-first", "who comes last is given tasks first",
            new Edit(Leasing, "_waiting.AddLast(waiting)", "_waiting.AddFirst(waiting)")),
        new("cluster-last-comes-first", "in a cluster who waits last is woken first",
            new Edit(
                "src/Domain/Queues/WaitingLine.cs", "[.. _line.Values.Take(", "[.. _line.Values.Reverse().Take("))
            { Engine = "cluster", SeedsMax = 10_000 },
        new("ends-before-the-last", "a job ends when all of its tasks but one have",
            new Edit(
                Job, "if (next.Counts.Ended == next.TaskCount)",
                "if (next.Counts.Ended >= Math.Max(1, next.TaskCount - 1))")),
        new("all-recorded-as-succeeded", "a job records every outcome as success",
            new Edit(
                Job, "[.. c.Outcomes.Where(o => IsAwaited(state, o) && seen.Add(o.Index))]",
                "[.. c.Outcomes.Where(o => IsAwaited(state, o) && seen.Add(o.Index))"
                + ".Select(o => o with { Outcome = Elasticity.Domain.Tasks.TaskOutcome.Succeeded })]")),
        new("paused-twice", "a pause of a paused job is stored once more",
            new Edit(
                Job, "(JobPhase.Open, JobCommand.Pause) when state.IsPaused => JobDecision.NoChange,",
                "(JobPhase.Failing, JobCommand.Pause) when state.IsPaused => JobDecision.NoChange,")),
        new("drains-twice", "an agent that drains begins to drain once more",
            new Edit(
                Agent, "AgentCommand.Drain when state.Phase == AgentPhase.Draining =>",
                "AgentCommand.Drain when state.Phase == AgentPhase.None =>")),
        new("drained-leases", "an agent that drains is given tasks",
            new Edit(
                $"{Core}.Leasing.cs",
                "if (AgentDecider.WhyNotLease(request.Agent, agent, request.Session) is { } rejection)",
                "if (AgentDecider.Absence(request.Agent, agent, request.Session) is { } rejection)"),
            new Edit(
                $"{Core}.Leasing.cs", ": request.Problem(agent.State));",
                ": AgentDecider.Absence(agent.Id, agent.State, request.Session));")),
        new("wish-of-kinds-ignored", "a request for some kinds is given tasks of all that its agent offers",
            new Edit(
                $"{Core}.Leasing.cs", "ImmutableArray<string> kinds = request.KindsFor(agent);",
                "ImmutableArray<string> kinds = agent.Offer!.Kinds;")),
        new("more-than-asked", "a request is given more tasks than it asked for",
            new Edit(
                $"{Core}.Leasing.cs", "Math.Min(Math.Min(request.Max, budget), room)",
                "Math.Min(Math.Min(request.Max + 1, budget), room)")),
        new("priority-of-the-job", "a task's own priority is ignored where its job has one",
            new Edit(
                "src/Domain/Jobs/TaskSpec.cs", "Kind, Priority ?? policy.Priority ?? 0,",
                "Kind, policy.Priority ?? Priority ?? 0,")),
        new("read-loses-turn",
            "an agent is given another kind while what comes next of one is read (found by seed 1795773156427)",
            new Edit(Leasing, "else if (isLoading && leased.Count == 0)", "else if (isLoading && leased.Count < 0)"))
            { SeedsMax = 10_000 },
        new("stopping-is-offered",
            "a task that comes back while its job stops is offered once more (found by seed 1795773169507)",
            new Edit($"{Core}.Tasks.cs", "|| !job.State.IsStopping)", "|| job is not null)")) { SeedsMax = 20_000 },
    ];
}
