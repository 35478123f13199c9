using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>What people are shown is what the log says. All of it where nothing was stored between the question and the
/// answer; else only that it is not ahead of the log.</summary>
internal static class LookRules
{
    private const string Rule = "shown-is-the-fold";

    /// <summary>Checks what was shown.</summary>
    /// <param name="watch">What is known.</param>
    /// <param name="asked">What was asked.</param>
    /// <param name="shown">What was answered.</param>
    /// <param name="askedIn">How many batches were stored when it was asked.</param>
    public static void Check(Watch watch, CoreInput.Look asked, CoreSnapshot shown, long askedIn)
    {
        LogModel log = watch.Log;
        string id = asked.Job!.Value.Value;
        ModelJob? job = log.Jobs.GetValueOrDefault(id);
        if (shown.Job is { Version: > 0 } state) // Else there is none, and somebody asks about it.
        {
            Require(
                job is not null && state.Version <= job.Version && state.Digest == job.Digest, Rule, id,
                $"version {state.Version} shown, {job?.Version} is stored");
            if (state.Version == job!.Version)
            {
                CheckJob(job, state);
            }
        }

        foreach (AgentView agent in shown.Agents)
        {
            Require(
                log.Agents.GetValueOrDefault(agent.Id.Value)?.Sessions.Contains(agent.Session.Value) == true, Rule,
                agent.Id.Value, $"session {agent.Session} shown, and it is not stored");
        }

        if (log.BatchCount == askedIn)
        {
            CheckLists(log, shown);
        }
    }

    private static void CheckJob(ModelJob job, JobState state)
    {
        Require(
            JobDecider.Word(state.Phase) == job.Phase && state.IsPaused == job.IsPaused
            && state.TaskCount == job.TaskCount, Rule, job.Id,
            $"shown {state.Phase}, paused {state.IsPaused}; it is {job.Phase}, paused {job.IsPaused}");
        foreach (ModelTask task in job.IsSealed ? job.Tasks : [])
        {
            string status = state.Status[task.Index].ToString();
            Require(
                status.Equals(task.Status, StringComparison.OrdinalIgnoreCase)
                && state.RunOf(task.Index) == task.JobRun && state.IsErased(task.Index) == task.IsErased,
                Rule, task.Id, $"shown {status} in run {state.RunOf(task.Index)}; {task.Status} in {task.JobRun}");
        }
    }

    private static void CheckLists(LogModel log, CoreSnapshot shown)
    {
        ModelAgent[] open = [.. log.Agents.Values.Where(a => a.IsOpen)];
        ILookup<string, ModelTask> leased = log.Jobs.Values.SelectMany(j => j.Tasks)
            .Where(t => t.Phase == "leased").ToLookup(t => t.Kind);
        Same(
            shown.Agents.Select(a => $"{a.Id} {a.Session} {a.State} {a.LeaseCount}"),
            from agent in open
            let held = leased.Sum(k => k.Count(t => t.Lease!.Holder == agent.Holder))
            select $"{agent.Id} {agent.Session} {agent.Phase} {held}",
            "agents");
        foreach (QueueView queue in shown.Queues)
        {
            int agents = open.Count(a => a.Phase == "live" && a.Kinds.Contains(queue.Kind));
            Require(
                queue.Leased == leased[queue.Kind].Count() && queue.Agents == agents, Rule, queue.Kind,
                $"{queue} shown; {leased[queue.Kind].Count()} are leased, {agents} offer it");
            ModelTask[] offered =
                [.. log.Jobs.Values.SelectMany(j => j.Tasks).Where(t => t.IsOffered && t.Kind == queue.Kind)];
            int mayWait = offered.Count(t => t.RetryAt is not null || t.NotBefore is not null);
            Require(
                queue.Ready >= offered.Length - mayWait && queue.Delayed <= mayWait, Rule, queue.Kind,
                $"{queue} shown; {offered.Length} are offered, {mayWait} of them may wait for their time");
        }

        Require(
            shown.Findings.Where(f => f.Code == "no-agent").All(f => !open.Any(
                a => a.Phase == "live" && a.Kinds.Contains(f.Subject))), Rule, "no-agent",
            $"{string.Join(", ", shown.Findings)}, and somebody offers it");
        Same(
            shown.Findings.Where(f => f.Code == "job-paused").Select(f => f.Subject),
            log.Jobs.Values.Where(j => j is { IsPaused: true, IsEnded: false, IsStopping: false }).Select(j => j.Id),
            "paused jobs");
        Same(
            shown.Findings.Where(f => f.Code == "dead-letters").Select(f => f.Detail),
            from job in log.Jobs.Values
            let dead = job.Tasks.Count(t => t.Status == "deadLettered")
            where !job.IsEnded && dead > 0
            select $"Job {job.Id} has {dead} dead-lettered tasks. Redrive them.",
            "jobs with dead letters");

        static void Same(IEnumerable<string> shown, IEnumerable<string> stored, string what)
        {
            string left = string.Join(", ", shown.Order(StringComparer.Ordinal));
            string right = string.Join(", ", stored.Order(StringComparer.Ordinal));
            Require(left == right, Rule, what, $"[{left}] shown, [{right}] are stored");
        }
    }
}
