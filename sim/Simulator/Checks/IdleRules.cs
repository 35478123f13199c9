using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator.Checks;

/// <summary>Nobody waits for a task while one that suits is ready: every ready task is in a queue, and every queue is
/// served.</summary>
internal sealed class IdleRules(Plan plan)
{
    /// <summary>Loading chunks and stepping takes a moment.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Dictionary<(Holder Holder, string Request), Waiting> _waiting = [];
    private readonly Dictionary<ModelTask, (int Run, long Token, TimeSpan Since)> _ready = [];

    public void Asked(Host process, CoreInput input)
    {
        if (input is CoreInput.Lease { Request: var r })
        {
            _waiting[(r.Holder, r.RequestId)] = new Waiting(
                (Call)input.Caller!, r, process, process.ServingSince) { Since = process.TrueTime };
        }
        else if (input is CoreInput.AbandonLease a && ((Call)a.Gone).Input is CoreInput.Lease { Request: var gone })
        {
            _waiting.Remove((gone.Holder, gone.RequestId));
        }
    }

    public void Over(Call call)
    {
        if (call.Input is CoreInput.Lease { Request: var r }
            && _waiting.GetValueOrDefault((r.Holder, r.RequestId))?.Call == call)
        {
            _waiting.Remove((r.Holder, r.RequestId));
        }
    }

    public void Check(TimeSpan now, IEnumerable<Host> processes, LogModel log)
    {
        if (!plan.IsQuick)
        {
            return; // Nothing can be told from answers then.
        }

        foreach (Host process in processes)
        {
            if (!process.IsServing || process.FrozenUntil + Patience > now)
            {
                continue;
            }

            Mark(now, process.Clock.Utc, log);
            foreach (Waiting w in _waiting.Values)
            {
                if (w.Process == process && w.Life == process.ServingSince && !w.Call.IsOver)
                {
                    Check(w, now, log);
                }
            }
        }
    }

    private void Check(Waiting w, TimeSpan now, LogModel log)
    {
        ModelAgent? agent = log.Agents.GetValueOrDefault(w.Request.Agent.Value);
        if (agent is not { Phase: "live" } || agent.Session != w.Request.Session.Value)
        {
            return;
        }

        int held = log.Jobs.Values.Sum(j => j.Tasks.Count(t => t.Lease?.Holder == agent.Holder));
        if (held >= plan.Engine.Core.Limits.LeasesPerSessionMax)
        {
            w.Since = now; // It waits for room of its own.
        }

        if (now - w.Since <= Patience)
        {
            return;
        }

        string[] kinds = agent.KindsFor(w.Request);
        foreach ((ModelTask task, (_, _, TimeSpan since)) in _ready)
        {
            Law.Require(
                now - since < Patience || !kinds.Contains(task.Kind), "ready-tasks-are-leased", task.Id,
                $"ready since {since}, and request {w.Request.RequestId} waits since {w.Since}");
        }
    }

    /// <summary>Notes which tasks are ready, and since when.</summary>
    private void Mark(TimeSpan now, DateTimeOffset utc, LogModel log)
    {
        foreach (ModelTask task in log.Jobs.Values.SelectMany(j => j.Tasks))
        {
            bool isReady = task.Job is { Phase: "open", IsPaused: false } && task.Phase != "leased"
                && task.Status == "released" && !(task.RetryAt > utc) && !(task.NotBefore > utc);
            if (!isReady)
            {
                _ready.Remove(task);
            }
            else if (!_ready.TryGetValue(task, out (int Run, long Token, TimeSpan) seen)
                || seen.Run != task.JobRun || seen.Token != task.Token)
            {
                _ready[task] = (task.JobRun, task.Token, now);
            }
        }
    }

    private sealed record Waiting(Call Call, LeaseRequest Request, Host Process, TimeSpan Life)
    {
        /// <summary>Since when it could have been served.</summary>
        public required TimeSpan Since { get; set; }
    }
}
