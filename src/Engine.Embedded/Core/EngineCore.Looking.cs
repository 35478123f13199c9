using Elasticity.Domain.Jobs;

namespace Elasticity.Engine.Embedded.Core;

/// <summary>What only the core knows, for people and monitors.</summary>
public sealed partial class EngineCore
{
    /// <summary>The most findings of one code; beyond that one more says how many there are.</summary>
    private const int FindingsMax = 100;

    /// <summary>A submit that was not finished for so long is worth a look.</summary>
    private static readonly TimeSpan SubmitAgeMax = TimeSpan.FromHours(1);

    /// <summary>Unended jobs in memory.</summary>
    public int JobCount => _jobs.Count;

    /// <summary>Live agents.</summary>
    public int AgentCount => _agents.Count;

    /// <summary>Live leases.</summary>
    public int LeaseCount => _leases.Count;

    /// <summary>The shortest lease seen; null before the first.</summary>
    public TimeSpan? ShortestLease => _leases.ShortestLength;

    /// <summary>Kinds that have a queue: something is in it, or an agent offers the kind.</summary>
    public int QueueCount => _queues.Count;

    /// <summary>Ready and delayed tasks.</summary>
    public int QueuedCount => _queues.Values.Sum(q => q.Ready.ReadyCount + q.Ready.DelayedCount);

    private void TakeLook(CoreInput.Look input)
    {
        LiveJob? job = input.Job is { } id ? _jobs.GetValueOrDefault(id) : null;
        Dictionary<int, string> progress = [];
        foreach (LiveTask task in job?.Tasks.Values.AsEnumerable() ?? [])
        {
            if (_leases.Find(task.Id)?.Progress is { } said)
            {
                progress.Add(task.Id.Index, said);
            }
        }

        _batch.Answer(input.Caller, new CoreSnapshot(
            job?.State,
            progress,
            input.WithLists ? [.. _agents.Values.Where(a => a.State.IsOpen).Select(ViewOf)] : [],
            input.WithLists ? [.. _queues.Values.Select(ViewOf).Where(IsWorthShowing)] : [],
            input.WithLists ? [.. Findings()] : []));
    }

    private QueueView ViewOf(KindQueue queue) => new(
        queue.Kind,
        queue.Ready.ReadyCount,
        queue.Ready.DelayedCount,
        queue.Leased,
        queue.Agents,
        _waiting.Count(w => w.Request.Kinds.IsDefaultOrEmpty
            ? _agents.TryGetValue(w.Request.Agent, out LiveAgent? a) && a.State.Offer!.Kinds.Contains(queue.Kind)
            : w.Request.Kinds.Contains(queue.Kind)));

    private static bool IsWorthShowing(QueueView q) => q.Ready + q.Delayed + q.Leased + q.Agents > 0;

    private IEnumerable<Finding> Findings()
    {
        IEnumerable<Finding> noAgent = _queues.Values
            .Where(q => q.Ready.ReadyCount > 0 && q.Agents == 0)
            .Select(q => Finding.NoAgent(q.Kind, q.Ready.ReadyCount));
        IEnumerable<Finding> unfinished = _jobs.Values
            .Where(j => j.State.Phase == JobPhase.Opening && _now.Utc - j.State.CreatedAt > SubmitAgeMax)
            .Select(j => Finding.SubmitUnfinished(
                j.Id, $"{j.State.TasksAdded} of {j.State.TaskCount}", j.State.CreatedAt));
        IEnumerable<Finding> paused = _jobs.Values
            .Where(j => j.State is { IsPaused: true, IsStopping: false })
            .Select(j => Finding.Paused(j.Id));
        IEnumerable<Finding> dead = _jobs.Values
            .Where(j => j.State.IsOpen && j.State.Counts.DeadLettered > 0) // Not who is only being asked about.
            .Select(j => Finding.DeadLetters(j.Id, j.State.Counts.DeadLettered));
        return new[] { noAgent, unfinished, paused, dead }.SelectMany(f => f.Take(FindingsMax));
    }
}
