namespace Elasticity.Simulator.Reference;

internal sealed partial class NaiveScheduler
{
    public string Cancel(NaiveJob job)
    {
        if (job.State is "succeeded" or "failed")
        {
            return "job-state";
        }

        if (job.State is "open" or "failing")
        {
            Stop(job, "cancelling");
        }

        return "ok";
    }

    public string Pause(NaiveJob job, bool isPaused)
    {
        if (job.State != "open")
        {
            return "job-state";
        }

        if (job.IsPaused != isPaused)
        {
            job.IsPaused = isPaused;
            foreach (string kind in job.Tasks.Select(t => t.Kind).Distinct())
            {
                _turns.Remove((job, kind));
                TakePlace(job, kind, ++_clock);
            }
        }

        return "ok";
    }

    public string Redrive(NaiveJob job, int? index)
    {
        if (job.IsStopping)
        {
            return "job-state";
        }

        if (index >= job.Tasks.Count)
        {
            return "task-unknown";
        }

        HashSet<NaiveTask> again = [.. index is { } i
            ? job.Tasks.Where(t => t.Index == i && (t.State is "deadLettered" or "cancelled"))
            : job.Tasks.Where(t => t.State == "deadLettered")];
        if (again.Count == 0)
        {
            return "task-state";
        }

        while (job.Tasks.Find(t => t.State == "skipped" && !again.Contains(t) && IsRestored(t)) is { } restored)
        {
            again.Add(restored);
        }

        job.State = "open";
        foreach (NaiveTask task in again)
        {
            (task.State, task.Run) = ("blocked", task.Run + 1);
            (task.Failures, task.Expired, task.IsToStop) = (0, 0, false);
        }

        foreach (NaiveTask task in again.OrderBy(t => t.Index))
        {
            Follow(task);
        }

        EndIfOver(job);
        return "ok";

        // Skipped because of one that is tried again, and of none that is not.
        bool IsRestored(NaiveTask task) => task.DependsOn.Any(d => again.Contains(job.Tasks[d]))
            && task.DependsOn.All(d => !job.Tasks[d].IsBad || again.Contains(job.Tasks[d]));
    }

    private void End(NaiveTask task, string state)
    {
        NaiveJob job = task.Job;
        task.State = state;
        if (state == "deadLettered" && job is { Rule: 2, State: "open" } && job.Tasks.Exists(t => !t.IsOver))
        {
            Stop(job, "failing");
            return;
        }

        foreach (NaiveTask dependent in job.Tasks.Where(t => t.DependsOn.Contains(task.Index)))
        {
            Follow(dependent);
        }

        EndIfOver(job);
    }

    /// <summary>A task that waits for others is ready when all have succeeded, and skipped when one never
    /// will.</summary>
    private void Follow(NaiveTask task)
    {
        if (task.State != "blocked" || task.Job.IsStopping)
        {
            return;
        }

        if (task.DependsOn.Any(d => task.Job.Tasks[d].IsBad))
        {
            End(task, "skipped");
        }
        else if (task.DependsOn.All(d => task.Job.Tasks[d].State == "succeeded"))
        {
            Offer(task, Now);
        }
    }

    private void Stop(NaiveJob job, string state)
    {
        job.State = state;
        foreach (NaiveTask task in job.Tasks.Where(t => !t.IsOver))
        {
            (task.State, task.IsToStop) = task.State == "leased" ? ("leased", true) : ("cancelled", false);
        }

        foreach (string kind in job.Tasks.Select(t => t.Kind).Distinct())
        {
            _turns.Remove((job, kind));
        }

        EndIfOver(job);
    }

    private static void EndIfOver(NaiveJob job)
    {
        if ((job.State == "open" || job.IsStopping) && job.Tasks.TrueForAll(t => t.IsOver))
        {
            bool isCancelled = job.Tasks.Exists(t => t.State == "cancelled");
            bool isFailed = job.Rule != 3 && job.Tasks.Exists(t => t.State == "deadLettered");
            (job.State, job.IsPaused) = (
                job.State == "cancelling" && isCancelled ? "cancelled"
                    : isFailed ? "failed" : isCancelled ? "cancelled" : "succeeded",
                false);
        }
    }
}
