using System.Globalization;
using System.Text.Json;
using Elasticity.EventStore;
using Elasticity.Simulator.World;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>
/// Who gets the next lease of a kind: the greater priority first; inside a priority jobs take turns. Between two leases
/// of a job that has tasks ready all the time, another job gets at most <see cref="LeadMax"/>. When the wall clock is
/// set back, a job's turn may go to a task whose time has not come any more.
/// </summary>
internal sealed class TurnRules(Agenda agenda, bool isWallClockTrue)
{
    /// <summary>One turn, and one more for an offer that was void when its turn came.</summary>
    private const int LeadMax = 2;

    /// <summary>Who is ready for so long is in the queue, however the engine was interrupted.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    private readonly Dictionary<ModelTask, (int Run, long Token, TimeSpan Since)> _offered = [];
    private readonly Dictionary<(ModelJob Waits, ModelJob Leads, string Kind, int Priority), int> _leads = [];
    private Origin? _origin;

    /// <summary>Looks at a batch that the log has taken in.</summary>
    public void Check(Origin origin, AppendBatch batch, LogModel log)
    {
        if (origin != _origin)
        {
            _origin = origin;
            _leads.Clear(); // The queues were made anew.
        }

        List<(ModelTask Task, DateTimeOffset At)> leased = [];
        foreach (StreamAppend append in batch.Streams)
        {
            string[] parts = append.Stream.Value.Split('/');
            foreach (EventRecord e in append.Events.Where(e => e.Type == "task-leased-1"))
            {
                using JsonDocument content = JsonDocument.Parse(e.Content);
                ModelTask task = log.Find(parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture))!;
                leased.Add((task, content.RootElement.Time("at")));
            }
        }

        Mark(log);
        if (leased.Count > 0 && origin.Life + Settled < agenda.Now)
        {
            Check(leased, log);
        }
    }

    private void Check(List<(ModelTask Task, DateTimeOffset At)> leased, LogModel log)
    {
        DateTimeOffset first = leased.Min(l => l.At);
        HashSet<(ModelJob Job, string Kind, int Priority)> waiting = [];
        foreach ((ModelTask task, (_, _, TimeSpan since)) in _offered)
        {
            DateTimeOffset? due = task.RetryAt > task.NotBefore ? task.RetryAt : task.NotBefore ?? task.RetryAt;
            if (since + Settled < agenda.Now && (due is null || (isWallClockTrue && due + Settled <= first)))
            {
                waiting.Add((task.Job, task.Kind, task.Priority));
            }
        }

        foreach ((ModelTask task, _) in leased)
        {
            foreach ((ModelJob job, string kind, int priority) in waiting)
            {
                Require(
                    kind != task.Kind || priority <= task.Priority, "priority-first", task.Id,
                    $"leased with priority {task.Priority}, and {job.Id} has a {kind} of {priority} ready");
            }
        }

        foreach ((ModelJob Job, string Kind, int Priority) w in waiting)
        {
            int own = Count(w.Job);
            foreach (ModelJob other in log.Jobs.Values.Where(j => j != w.Job))
            {
                (ModelJob, ModelJob, string, int) key = (w.Job, other, w.Kind, w.Priority);
                int lead = _leads[key] = Math.Max(0, _leads.GetValueOrDefault(key) + Count(other) - own);
                Require(
                    lead <= LeadMax || !isWallClockTrue, "jobs-take-turns", w.Job.Id,
                    $"{lead} leases of {other.Id} came before one of it: {w.Kind}, priority {w.Priority}");
            }

            int Count(ModelJob job) => leased.Count(
                l => l.Task.Job == job && l.Task.Kind == w.Kind && l.Task.Priority == w.Priority);
        }

        foreach (var gone in _leads.Keys.Where(l => !waiting.Contains((l.Waits, l.Kind, l.Priority))).ToArray())
        {
            _leads.Remove(gone);
        }
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
