namespace Elasticity.Domain.Queues;

/// <summary>
/// When a queue heard last that a job is paused. Sweeps say it again of every open job; of one that ended meanwhile
/// nobody ever says anything, and what a late message offered of it would be held back for ever. Not thread-safe;
/// deterministic.
/// </summary>
public sealed class HeardPauses
{
    private readonly Dictionary<JobId, TimeSpan> _jobs = [];

    /// <summary>Notes what was said of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="isPaused">Whether it is paused.</param>
    /// <param name="now">Monotonic.</param>
    public void Hear(JobId job, bool isPaused, TimeSpan now)
    {
        if (isPaused)
        {
            _jobs[job] = now;
        }
        else
        {
            _jobs.Remove(job);
        }
    }

    /// <summary>Takes the jobs of which it was not said for long; they are not told again.</summary>
    /// <param name="before">Monotonic: those that were heard of last before.</param>
    /// <returns>The jobs, in no order.</returns>
    public IReadOnlyList<JobId> TakeUnheard(TimeSpan before)
    {
        JobId[] unheard = [.. _jobs.Where(j => j.Value < before).Select(j => j.Key)];
        foreach (JobId job in unheard)
        {
            _jobs.Remove(job);
        }

        return unheard;
    }
}
