namespace Elasticity.Saboteur;

internal static partial class Faults
{
    /// <summary>When sessions and leases end, and what is counted of them.</summary>
    private static Sabotage[] Sessions =>
    [
        new("silent-early", "a session ends as silent after half of the time",
            new Edit(
                $"{Core}.Agents.cs", "a.SeenAt > _options.SessionSilenceMax &&",
                "a.SeenAt > _options.SessionSilenceMax / 2 &&")),
        new("silent-for-ever", "a session that is silent does not end",
            new Edit(
                $"{Core}.Agents.cs", "a.SeenAt > _options.SessionSilenceMax &&",
                "a.SeenAt > _options.SessionSilenceMax * 100 &&")),
        new("poll-unheard", "whoever asks for tasks while too many wait is not heard of (found by seed 62)",
            new Edit(
                $"{Core}.Leasing.cs", "if (agent.State.IsLive(request.Session))",
                "if (Problem(agent, request) is null)")),
        new("process-dead-for-all", "a restart ends the sessions of agents that live elsewhere",
            new Edit(
                $"{Core}.Restoring.cs", "if (isFormerProcessDead && agent.State.Offer!.IsInProcess)",
                "if (isFormerProcessDead)")),
        new("wrong-reason", "leases are lost for another reason than their session ended for",
            new Edit(
                Agent, ".Tell(new Message.SessionEnded(new Holder(id, c.Session), c.Reason)),",
                ".Tell(new Message.SessionEnded(new Holder(id, c.Session), \"silent\")),")),
        new("taken-from-the-living", "a lease that ran out is lost as if its session were over",
            new Edit(
                $"{Core}.Tasks.cs", "\"unconfirmed\"", "\"closed\"")),
        new("leases-last-longer", "a lease is taken back after twice its length",
            new Edit(
                Book, "            Deadline = now + watch.Length,",
                "            Deadline = now + (2 * watch.Length),")),
        new("lost-off-by-one", "a task may be lost once more than is said",
            new Edit(Task, "{ LeasesLost: >= TaskTerms.LostMax } =>", "{ LeasesLost: > TaskTerms.LostMax } =>")),
        new("given-back-charged", "what is given back counts as an attempt",
            new Edit(
                Task, "Settled(state, e.Token, new Settlement.GivenBack()),",
                "Settled(state, e.Token, new Settlement.GivenBack()) with { Failures = state.Failures + 1 },")),
        new("tokens-by-two", "the next token leaves one out",
            new Edit(Task, "new Lease(state.Token + 1,", "new Lease(state.Token + 2,")),
        new("refused-again", "a report that is refused once more is recorded once more",
            new Edit(Task, "            && !state.RefusedTokens.Contains(c.Token)\n", "\n")),
        new("refused-for-ever", "refused reports are recorded without a bound",
            new Edit(
                Task, "state.RefusedTokens.Length - state.RefusedBefore < TaskTerms.RefusedMax;",
                "state.RefusedTokens.Length - state.RefusedBefore < 10 * TaskTerms.RefusedMax;")),
        new("cancelled-leased", "tasks of a cancelled job stay in their queue and are handed out",
            new Edit($"{Core}.cs", "case Message.Withdraw m: Withdraw(m.Job); break;", "case Message.Withdraw: break;"),
            new Edit(
                $"{Core}.Leasing.cs", "|| !job.State.Awaits(ready.Task.Index, ready.Run))",
                "|| job.State.TaskCount == 0)")),
        new("first-waits-alone", "only the first who waits is given tasks",
            new Edit($"{Core}.Leasing.cs", "            next = node.Next;\n", "            next = null;\n")),
    ];
}
