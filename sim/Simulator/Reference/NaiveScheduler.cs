using Elasticity.Domain;

namespace Elasticity.Simulator.Reference;

/// <summary>
/// The rules once more, as plainly as they can be said: lists that are searched from end to end, no messages, no log,
/// no recovery. What it decides is held against the engine after each command.
/// </summary>
internal sealed partial class NaiveScheduler
{
    private const int AttemptsMax = 2;
    private const int ExpiredMax = 5;
    private static readonly TimeSpan BackOff = TimeSpan.FromSeconds(2);

    private readonly Dictionary<AgentId, SessionId> _sessions = [];
    private readonly Dictionary<(NaiveJob Job, string Kind), long> _turns = [];
    private long _clock;

    public Dictionary<JobId, NaiveJob> Jobs { get; } = [];

    public TimeSpan Now { get; private set; }

    private IEnumerable<NaiveTask> Tasks => Jobs.Values.SelectMany(j => j.Tasks);

    public void Submit(NaiveJob job)
    {
        Jobs.Add(job.Id, job);
        foreach (NaiveTask task in job.Tasks.Where(t => t.DependsOn.Length == 0))
        {
            Offer(task, Now);
        }
    }

    public void Register(AgentId agent, SessionId session)
    {
        EndSession(agent);
        _sessions[agent] = session;
    }

    public void EndSession(AgentId agent)
    {
        if (_sessions.Remove(agent, out SessionId session))
        {
            long place = ++_clock; // All of them come back at once.
            foreach (NaiveTask task in Tasks.Where(t => t.State == "leased" && t.Holder == new Holder(agent, session)))
            {
                TakeBack(task, place);
            }
        }
    }

    /// <summary>What a request for one task is told; the engine's choice must be one that may come next.</summary>
    /// <returns>What is wrong with it; null when it is right.</returns>
    public string? Lease(Holder holder, string request, string kind, TaskId? chosen)
    {
        if (_sessions.GetValueOrDefault(holder.Agent) != holder.Session)
        {
            return chosen is null ? null : "leased to a session that is over";
        }

        if (Tasks.FirstOrDefault(t => t.State == "leased" && t.Holder == holder && t.Request == request) is { } same)
        {
            return chosen == new TaskId(same.Job.Id, same.Index) ? null : "a repeated request got another task";
        }

        NaiveTask[] ready = [.. Tasks.Where(
            t => t.State == "ready" && t.Kind == kind && t.Due <= Now && t.Job is { State: "open", IsPaused: false })];
        if (ready.Length == 0 || chosen is not { } id)
        {
            return ready.Length == 0 == chosen is null ? null : $"{ready.Length} are ready, and it got '{chosen}'";
        }

        int priority = ready.Max(t => t.Job.Priority);
        NaiveTask[] first = [.. ready.Where(t => t.Job.Priority == priority)];
        first = [.. first.Where(t => _turns[(t.Job, kind)] == first.Min(f => _turns[(f.Job, kind)]))];
        NaiveTask? task = first.FirstOrDefault(t => t.Job.Id == id.Job && t.Index == id.Index);
        if (task is null || first.Any(t => t.Job == task.Job && t.Place < task.Place))
        {
            return $"it got {id}, and {string.Join(' ', first.Select(t => $"{t.Job.Id}/{t.Index}"))} come first";
        }

        (task.State, task.Token, task.Holder, task.Request) = ("leased", task.Token + 1, holder, request);
        (task.Deadline, task.IsConfirmed, task.IsToStop) = (Now + task.LeaseLength, false, false);
        _turns.Remove((task.Job, kind));
        TakePlace(task.Job, kind, ++_clock);
        return null;
    }

    public string Beat(Holder holder, NaiveTask task, long token)
    {
        if (!IsHeld(holder, task, token))
        {
            return "Lost";
        }

        (task.Deadline, task.IsConfirmed) = (Now + task.LeaseLength, true);
        return task.IsToStop ? "CancelRequested" : "Renewed";
    }

    /// <summary>A report: <c>succeeded</c>, <c>failed</c>, <c>final</c> or <c>given-back</c>.</summary>
    public string Settle(Holder holder, NaiveTask task, long token, string what)
    {
        if (!IsHeld(holder, task, token))
        {
            return task.Settled.Contains((token, what)) ? "ok" : "lease-lost";
        }

        task.Settled.Add((token, what));
        task.Failures += what is "failed" or "final" ? 1 : 0;
        if (what == "succeeded")
        {
            End(task, "succeeded");
        }
        else if (task.IsToStop)
        {
            End(task, "cancelled");
        }
        else if (what == "final" || (what == "failed" && task.Failures >= AttemptsMax))
        {
            End(task, "deadLettered");
        }
        else
        {
            Offer(task, what == "failed" ? Now + BackOff : Now);
        }

        return "ok";
    }

    /// <summary>Lets time pass; leases run out one after the other.</summary>
    public void Advance(TimeSpan to)
    {
        while (true)
        {
            NaiveTask? lease = Tasks.Where(t => t.State == "leased" && t.Deadline <= to).MinBy(t => t.Deadline);
            NaiveTask? due = Tasks.Where(t => t.State == "ready" && t.Due > Now && t.Due <= to).MinBy(t => t.Due);
            if (lease is null && due is null)
            {
                Now = to;
                return;
            }

            if (due is not null && !(lease?.Deadline <= due.Due))
            {
                Now = due.Due;
                foreach (NaiveTask task in Tasks.Where(t => t.State == "ready" && t.Due == Now).OrderBy(t => t.Place))
                {
                    TakePlace(task);
                }

                continue;
            }

            Now = lease!.Deadline;
            lease.Expired += lease.IsConfirmed ? 1 : 0;
            TakeBack(lease, ++_clock);
        }
    }

    private static bool IsHeld(Holder holder, NaiveTask task, long token) =>
        task.State == "leased" && task.Token == token && task.Holder == holder;

    private void TakeBack(NaiveTask task, long place)
    {
        if (task.IsToStop || task.Expired >= ExpiredMax)
        {
            End(task, task.IsToStop ? "cancelled" : "deadLettered");
            return;
        }

        Offer(task, Now, place);
    }

    private void Offer(NaiveTask task, TimeSpan due, long? place = null)
    {
        (task.State, task.Due, task.Place) = ("ready", due, ++_clock);
        if (due <= Now)
        {
            TakePlace(task, place);
        }
    }

    /// <summary>At the end of its job's line; a job that was in no turn goes behind the others.</summary>
    private void TakePlace(NaiveTask task, long? place = null)
    {
        task.Place = place ?? ++_clock;
        TakePlace(task.Job, task.Kind, task.Place);
    }

    private void TakePlace(NaiveJob job, string kind, long place)
    {
        if (!job.IsPaused && job.Tasks.Exists(t => t.State == "ready" && t.Kind == kind && t.Due <= Now))
        {
            _turns.TryAdd((job, kind), place);
        }
    }
}
