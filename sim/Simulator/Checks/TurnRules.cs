using Elasticity.Domain;
using Elasticity.Simulator.World;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>
/// Who gets the next lease of a kind: the greater priority first; inside a priority jobs take turns. Between two leases
/// of a job that has tasks ready all the time, another job gets at most two; in a cluster as many more as two requests
/// are given. When the wall clock is set back, a job's turn may go to a task whose time has not come any more.
/// </summary>
internal sealed class TurnRules(Agenda agenda, Plan plan)
{
    /// <summary>Who is ready for so long is in the queue, however the engine was interrupted.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    private readonly bool _isWallClockTrue = plan.RateOf(Fault.WallClockJumps) == 0;

    /// <summary>How many leases each request was given so far, where what one is given is stored in any
    /// order.</summary>
    private readonly Dictionary<(Holder, string), int> _given = [];

    /// <summary>What was handed out before may be stored later, for so long.</summary>
    private readonly TimeSpan _storedWithin = plan.IsCluster ? TimeSpan.FromSeconds(0.5) : TimeSpan.Zero;

    private readonly List<(
        ModelTask Leased, ModelTask Ready, (int Run, long Token, TimeSpan Since) Offer, TimeSpan Due)> _suspects = [];

    private readonly Dictionary<ModelTask, (int Run, long Token, TimeSpan Since)> _offered = [];
    private readonly Dictionary<(ModelJob Waits, ModelJob Leads, string Kind, int Priority), int> _leads = [];
    private readonly KindRules _kinds = new(agenda, plan.IsCluster);
    private Origin? _origin;

    /// <summary>One turn, and one more for an offer that was void when its turn came. In a cluster as many more as two
    /// requests were given.</summary>
    private int _leadMax = 2 + (plan.IsCluster ? 2 * plan.SlotsMax : 0);

    /// <summary>Looks at a batch that the log has taken in.</summary>
    /// <param name="origin">Who decided it.</param>
    /// <param name="leased">The leases in it.</param>
    /// <param name="ledger">What was asked.</param>
    /// <param name="log">What is stored.</param>
    public void Check(
        Origin origin, IReadOnlyList<(ModelTask Task, ModelLease Lease)> leased, Ledger ledger, LogModel log)
    {
        if (origin != _origin)
        {
            _origin = origin;
            _leads.Clear(); // The queues were made anew.
            _kinds.Forget();
        }

        Mark(log);
        if (leased.Count > 0 && origin.Life + Settled < agenda.Now)
        {
            Check(leased, ledger, log);
        }
    }

    private void Check(
        IReadOnlyList<(ModelTask Task, ModelLease Lease)> leased, Ledger ledger, LogModel log)
    {
        DateTimeOffset first = leased.Min(l => l.Lease.At);
        Dictionary<(ModelJob Job, string Kind, int Priority), ModelTask> waiting = [];
        foreach ((ModelTask task, (_, _, TimeSpan since)) in _offered)
        {
            DateTimeOffset? due = task.RetryAt > task.NotBefore ? task.RetryAt : task.NotBefore ?? task.RetryAt;
            if (since + Settled < agenda.Now && (due is null || (_isWallClockTrue && due + Settled <= first)))
            {
                waiting.TryAdd((task.Job, task.Kind, task.Priority), task);
            }
        }

        foreach ((ModelTask task, _) in leased)
        {
            foreach (((_, string kind, int priority), ModelTask ready) in waiting)
            {
                if (kind == task.Kind && priority > task.Priority)
                {
                    _suspects.Add((task, ready, _offered[ready], agenda.Now + _storedWithin));
                }
            }
        }

        Suspect();
        foreach ((_, ModelLease lease) in plan.IsCluster ? leased : [])
        {
            (Holder, string) request = (lease.Holder, lease.Request);
            _given[request] = _given.GetValueOrDefault(request) + 1;
            _leadMax = Math.Max(_leadMax, 2 + (2 * _given[request]));
        }

        _kinds.Check(leased, waiting.Keys.Select(w => w.Kind).ToHashSet(), ledger, log);

        foreach ((ModelJob Job, string Kind, int Priority) w in waiting.Keys)
        {
            int own = Count(w.Job);
            foreach (ModelJob other in log.Jobs.Values.Where(j => j != w.Job))
            {
                (ModelJob, ModelJob, string, int) key = (w.Job, other, w.Kind, w.Priority);
                int lead = _leads[key] = Math.Max(0, _leads.GetValueOrDefault(key) + Count(other) - own);
                Require(
                    lead <= _leadMax || !_isWallClockTrue, "jobs-take-turns", w.Job.Id,
                    $"{lead} leases of {other.Id} came before one of it: {w.Kind}, priority {w.Priority}");
            }

            int Count(ModelJob job) => leased.Count(
                l => l.Task.Job == job && l.Task.Kind == w.Kind && l.Task.Priority == w.Priority);
        }

        foreach (var gone in _leads.Keys.Where(l => !waiting.ContainsKey((l.Waits, l.Kind, l.Priority))).ToArray())
        {
            _leads.Remove(gone);
        }
    }

    /// <summary>Whether what should have come first has come meanwhile.</summary>
    private void Suspect()
    {
        foreach ((ModelTask leased, ModelTask ready, var offer, TimeSpan due) in _suspects)
        {
            Require(
                agenda.Now < due || !_offered.TryGetValue(ready, out var now) || now != offer, "priority-first",
                leased.Id,
                $"a {leased.Kind} leased with priority {leased.Priority}, and {ready.Id} of {ready.Priority} is ready "
                + $"since {offer.Since}");
        }

        _suspects.RemoveAll(s => agenda.Now >= s.Due);
    }

    /// <summary>A job that is resumed begins at the end of the turns, even when nothing was leased while it was
    /// paused.</summary>
    private void ForgetLeads(ModelJob paused)
    {
        foreach (var lead in _leads.Keys.Where(l => l.Waits == paused).ToArray())
        {
            _leads.Remove(lead);
        }
    }

    /// <summary>Notes which tasks a queue may hand out, and since when.</summary>
    private void Mark(LogModel log)
    {
        foreach (ModelJob job in log.JobsTouched.Where(j => j.IsPaused))
        {
            ForgetLeads(job);
        }

        foreach (ModelTask task in log.JobsTouched.SelectMany(j => j.Tasks).Concat(log.TasksTouched))
        {
            if (!task.IsOffered || task.Job.IsPaused)
            {
                _offered.Remove(task);
            }
            else if (!_offered.TryGetValue(task, out (int Run, long Token, TimeSpan) seen)
                || seen.Run != task.JobRun || seen.Token != task.Token || task.Job.PausedIn == log.BatchCount)
            {
                _offered[task] = (task.JobRun, task.Token, agenda.Now);
            }
        }
    }
}
