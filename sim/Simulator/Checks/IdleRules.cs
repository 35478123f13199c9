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

    /// <summary>Longer than any question is under way.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(10);

    private readonly List<AskedFor> _asked = [];
    private readonly Dictionary<(string Session, string Request), Waiting> _waiting = [];
    private readonly Dictionary<ModelTask, (int Run, long Token, TimeSpan Since)> _ready = [];

    public void Asked(Host process, CoreInput input)
    {
        if (input is CoreInput.Lease or CoreInput.Settle { Request.Lease: not null })
        {
            _asked.RemoveAll(a => a.OverAt < process.TrueTime - Forgotten);
            _asked.Add(new AskedFor((Call)input.Caller!, process, process.ServingSince));
        }

        if (input is CoreInput.Lease { Request: var r })
        {
            _waiting[(r.Session.Value, r.RequestId)] = new Waiting(
                (Call)input.Caller!, r, process, process.ServingSince) { Since = process.TrueTime };
        }
        else if (input is CoreInput.AbandonLease a && ((Call)a.Gone).Input is CoreInput.Lease { Request: var gone })
        {
            _waiting.Remove((gone.Session.Value, gone.RequestId));
        }
    }

    /// <summary>A request that is refused because too many wait: as many did, at some time since it was
    /// asked.</summary>
    public void CheckRefusal(Call call)
    {
        AskedFor refused = _asked.Find(a => a.Call == call)!;
        int waited = _asked.Count(a => a != refused && a.Host == refused.Host && a.Life == refused.Life
            && !(a.OverAt < call.AskedAt));
        Law.Require(
            waited >= plan.Engine.Core.WaitingRequestsMax, "refused-with-reason", refused.Host.Name,
            $"{Words.Of(call.Input)}: limit-exceeded, and {waited} waited");
    }

    /// <summary>A question was answered.</summary>
    public void Over(Call call, object answer, TimeSpan now)
    {
        if (call.Input is CoreInput.Lease { Request: var request }
            && answer is Reply<LeaseGrant> { Value.Tasks.IsEmpty: true })
        {
            CheckWait(call, request, now);
        }

        if (_asked.Find(a => a.Call == call) is { } asked)
        {
            asked.OverAt = now;
        }

        if (call.Input is CoreInput.Lease { Request: var r }
            && _waiting.GetValueOrDefault((r.Session.Value, r.RequestId))?.Call == call)
        {
            _waiting.Remove((r.Session.Value, r.RequestId));
        }
    }

    /// <summary>Who is given nothing has waited for as long as they wanted, and not much longer. One who asks again
    /// takes the place of the call before.</summary>
    private void CheckWait(Call call, LeaseRequest request, TimeSpan now)
    {
        double drift = plan.RateOf(Fault.ClockDrifts);
        TimeSpan waited = now - call.AskedAt;
        AskedFor? asked = _asked.Find(a => a.Call == call);
        bool isRepeated = _asked.Any(a => a.Call != call && a.Call.Input is CoreInput.Lease { Request: var other }
            && other.Holder == request.Holder && other.RequestId == request.RequestId);
        if (asked is null || isRepeated)
        {
            return;
        }

        Law.Require(
            waited >= request.Wait / (1 + drift), "waits-as-asked", request.RequestId,
            $"given nothing after {waited}, wanted to wait {request.Wait}");
        Law.Require(
            waited <= (request.Wait / (1 - drift)) + Patience + plan.Engine.Core.TickInterval || !IsQuick
            || asked.Host.FrozenUntil > call.AskedAt,
            "waits-as-asked", request.RequestId, $"given nothing after {waited}, wanted to wait {request.Wait}");
    }

    /// <summary>Where answers do not wait for the store.</summary>
    private bool IsQuick => !plan.IsCluster && !plan.IsStoreSlow && plan.Engine.BatchEventsMax >= 20_000;

    public void Check(TimeSpan now, IEnumerable<Host> processes, LogModel log)
    {
        if (!IsQuick)
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

        int held = log.Jobs.Values.Sum(j => j.Tasks.Count(t => t.Lease?.Session == agent.Session));
        if (held >= plan.Engine.Core.Limits.LeasesPerSessionMax)
        {
            w.Since = now; // It waits for room of its own.
        }

        if (now - w.Since <= Patience)
        {
            return;
        }

        IEnumerable<string> kinds = w.Request.Kinds.IsDefaultOrEmpty ? agent.Kinds : w.Request.Kinds;
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

    /// <summary>A request for tasks, and when it was answered.</summary>
    private sealed record AskedFor(Call Call, Host Host, TimeSpan Life)
    {
        public TimeSpan? OverAt { get; set; }
    }

    private sealed record Waiting(Call Call, LeaseRequest Request, Host Process, TimeSpan Life)
    {
        /// <summary>Since when it could have been served.</summary>
        public required TimeSpan Since { get; set; }
    }
}
