using System.Globalization;
using System.Text.Json;
using Elasticity.EventStore;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>What may happen to a job, told again from the documentation.</summary>
internal static class JobRules
{
    private const int FailFast = 2;
    private const int Ignore = 3;

    /// <summary>So many redrives with an id are remembered.</summary>
    private const int RedrivesMax = 100;

    private static readonly string[] Statuses =
        ["blocked", "released", "skipAsked", "succeeded", "deadLettered", "cancelled", "skipped"];

    public static void Apply(ModelJob j, string type, JsonElement e, Ledger ledger)
    {
        Require(j.Phase.Length > 0 || type == "job-opened-1", "job-order", j.Id, $"{type} comes first");
        switch (type)
        {
            case "job-opened-1":
                Require(j.Phase.Length == 0, "job-order", j.Id, "opened twice");
                Open(j, e);
                j.OpenedIn = ledger.Batch;
                break;
            case "job-tasks-added-1":
                Require(j.Phase == "opening", "job-order", j.Id, $"tasks added while {j.Phase}");
                Add(j, e);
                break;
            case "job-sealed-1":
                Require(
                    j.Phase == "opening" && j.Tasks.Count == j.TaskCount, "job-order", j.Id,
                    $"sealed with {j.Tasks.Count} of {j.TaskCount} tasks");
                (j.IsSealed, j.Phase, j.SealedIn, j.SealedAt) = (true, "open", ledger.Batch, e.Time("at"));
                break;
            case "job-outcomes-recorded-1":
                Require(j.IsSealed && !j.IsEnded, "job-order", j.Id, $"outcomes while {j.Phase}");
                foreach (JsonElement o in e.GetProperty("outcomes").EnumerateArray())
                {
                    Record(j, o);
                }

                break;
            case "job-failing-1":
                Fail(j);
                break;
            case "job-cancel-requested-1":
                Asked("Cancel");
                (j.Phase, j.CancelledIn) = ("cancelling", ledger.Batch);
                break;
            case "job-paused-1":
                Asked("Pause");
                Require(j.Phase == "open" && !j.IsPaused, "job-order", j.Id, "paused twice");
                (j.IsPaused, j.PausedIn) = (true, ledger.Batch);
                break;
            case "job-resumed-1":
                Asked("Resume");
                Require(j.Phase == "open" && j.IsPaused, "job-order", j.Id, "resumed and was not paused");
                j.IsPaused = j.WasPaused = false;
                j.ResumedIn = ledger.Batch;
                break;
            case "job-payloads-erased-1":
                Asked("ErasePayloads");
                Erase(j, e.MaybeInt("index"), ledger);
                break;
            case "job-checkpointed-1":
                CheckCheckpoint(j, e);
                break;
            case "job-redriven-1":
                Asked("Redrive");
                Redrive(j, e, ledger);
                j.RedrivenIn = ledger.Batch;
                break;
            case "job-ended-1":
                End(j, e.Int("outcome"));
                (j.EndedIn, j.EndedAt) = (ledger.Batch, e.Time("at"));
                break;
            default:
                throw new Violation("event-known", j.Id, type);
        }

        void Asked(string command) => Require(
            ledger.Does(j.Id, command), "nothing-unasked", j.Id, $"nobody asked for {command}");
    }

    public static void AfterBatch(ModelJob j)
    {
        foreach ((ModelTask task, int run, int outcome, string head) in j.Claims)
        {
            Require(
                task.Outcomes.GetValueOrDefault(run) == outcome, "outcome-is-the-tasks", j.Id,
                $"recorded {outcome} for run {run} of {task.Id}, whose own is {task.Outcomes.GetValueOrDefault(run)}");
            Require(
                task.Hashes.IndexOf(head) is var place && place >= 0 && (run < task.Run || place >= task.EndPlace),
                "outcome-is-the-tasks", j.Id, $"the head of {task.Id} in its outcome is not one after its end");
        }

        Require(
            j.Rule != FailFast || j.Phase != "open"
            || !j.Claims.Exists(c => c.Outcome == 2 && c.Task.Recorded == 2 && c.Task.JobRun == c.Run),
            "policy-obeyed", j.Id, "a task was dead-lettered, and the job goes on");
        j.Claims.Clear();
        if (j.IsEnded)
        {
            Require(
                !j.Tasks.Exists(t => t.IsOpen), "job-ends-last", j.Id,
                $"ended while {j.Tasks.Find(t => t.IsOpen)?.Id} is not");
        }
    }

    /// <summary>The tombstone says what the job was.</summary>
    public static void CheckTombstone(ModelJob j, JsonElement e, string head)
    {
        int outcome = j.Phase switch { "succeeded" => 1, "failed" => 2, _ => 3 };
        Require(
            e.Text("digest") == j.Digest && e.Int("taskCount") == j.TaskCount && e.Int("outcome") == outcome
            && e.Text("head") == head && e.Time("createdAt") == j.CreatedAt,
            "trimmed-as-a-whole", j.Id, $"{e} while {j.Phase}, head {head}");
        CheckCounts(j, e.GetProperty("counts"), "trimmed-as-a-whole");
        Require(
            e.GetProperty("counts").EnumerateObject().Count() == Statuses.Length, "stored-format", j.Id, $"{e}");
    }

    /// <summary>The row of the derived list shows the fold.</summary>
    public static void CheckRow(ModelJob j, JobRow row)
    {
        using JsonDocument summary = JsonDocument.Parse(row.Summary);
        JsonElement s = summary.RootElement;
        Require(
            row.State == j.Phase && s.Text("state") == j.Phase && row.Version == j.Version
            && s.Long("version") == j.Version && row.CreatedAt == j.CreatedAt && row.Name == j.Name
            && s.GetProperty("isPaused").GetBoolean() == j.IsPaused && s.Int("taskCount") == j.TaskCount,
            "list-is-the-fold", j.Id, $"{s} while {j.Phase}, version {j.Version}");
        Require(
            s.MaybeTime("sealedAt") == j.SealedAt && s.MaybeTime("endedAt") == j.EndedAt
            && (j.Draft is not { Header: var header }
                || (s.GetProperty("labels").Texts().SequenceEqual(header.Labels)
                    && s.GetProperty("policy").MaybeRetry() == j.Retry
                    && s.GetProperty("policy").MaybeSpan("leaseLength") == j.LeaseLength
                    && s.GetProperty("policy").MaybeInt("priority") == j.Priority)),
            "list-is-the-fold", j.Id, $"{s}, sealed {j.SealedAt:O}, ended {j.EndedAt:O}");
        CheckCounts(j, s.GetProperty("counts"), "list-is-the-fold");
    }

    /// <summary>How many tasks are in each status, in the order of the statuses.</summary>
    public static IEnumerable<int> CountsOf(ModelJob j) => Statuses.Select(s => j.Tasks.Count(t => t.Status == s));

    private static void CheckCounts(ModelJob j, JsonElement counts, string rule)
    {
        foreach ((string status, int counted) in Statuses.Zip(CountsOf(j)))
        {
            int shown = counts.Int(status);
            Require(shown == counted, rule, j.Id, $"{shown} {status}, and there are {counted}");
        }
    }

    /// <summary>Where the job says that it stands is where its events have led.</summary>
    private static void CheckCheckpoint(ModelJob j, JsonElement e)
    {
        string phase = e.Int("phase") switch { 2 => "open", 3 => "failing", 4 => "cancelling", _ => "another" };
        Require(
            j.IsSealed && j.Phase == phase && j.IsPaused == e.GetProperty("isPaused").GetBoolean(),
            "checkpoint-is-the-fold", j.Id, $"{e} while {j.Phase}");
        Require(
            Numbers(e.Text("statuses")).SequenceEqual(j.Tasks.Select(t => Array.IndexOf(Statuses, t.Status))),
            "checkpoint-is-the-fold", j.Id, $"{e} while {string.Join(' ', j.Tasks.Select(t => t.Status))}");
        IEnumerable<int> erased = e.Maybe("erased") is { } x ? Numbers(x.GetString()!) : j.Tasks.Select(_ => 0);
        Require(
            erased.SequenceEqual(j.Tasks.Select(t => t.IsErased ? 1 : 0)),
            "checkpoint-is-the-fold", j.Id, $"{e}, and erased are others");
        IEnumerable<int> runs = e.Maybe("runs") is { } r ? Numbers(r.GetString()!) : j.Tasks.Select(_ => 0);
        Require(
            runs.SequenceEqual(j.Tasks.Select(t => t.JobRun == 1 ? 0 : t.JobRun)),
            "checkpoint-is-the-fold", j.Id, $"{e} in runs {string.Join(' ', j.Tasks.Select(t => t.JobRun))}");
        IEnumerable<(string, int?)> redrives = e.GetProperty("redrives").EnumerateArray()
            .Select(r => (r.Text("request"), r.MaybeInt("index")));
        Require(
            redrives.SequenceEqual(j.Redrives.TakeLast(RedrivesMax)), "checkpoint-is-the-fold", j.Id,
            $"{e}, and redriven was {string.Join(' ', j.Redrives)}");
    }

    /// <summary>3*2 1 is 3, 3, 1.</summary>
    private static IEnumerable<int> Numbers(string text) => text.Split(' ').Select(part => part.Split('*')).SelectMany(
        part => Enumerable.Repeat(
            int.Parse(part[0], CultureInfo.InvariantCulture),
            part.Length == 1 ? 1 : int.Parse(part[1], CultureInfo.InvariantCulture)));

    private static void Open(ModelJob j, JsonElement e)
    {
        JsonElement header = e.GetProperty("header");
        JsonElement policy = header.GetProperty("policy");
        (j.Phase, j.Digest, j.TaskCount) = ("opening", e.Text("digest"), e.Int("taskCount"));
        (j.Name, j.CreatedAt) = (header.Text("name"), e.Time("at"));
        j.Rule = policy.MaybeInt("onDeadLetter") ?? 1;
        j.Retry = policy.MaybeRetry();
        j.LeaseLength = policy.MaybeSpan("leaseLength");
        j.Priority = policy.MaybeInt("priority");
    }

    private static void Add(ModelJob j, JsonElement e)
    {
        Require(e.Int("first") == j.Tasks.Count, "job-order", j.Id, $"tasks from {e.Int("first")} on");
        foreach (JsonElement spec in e.GetProperty("tasks").EnumerateArray())
        {
            j.Tasks.Add(new ModelTask(j, j.Tasks.Count)
            {
                Kind = spec.Text("kind"),
                Priority = spec.MaybeInt("priority") ?? j.Priority ?? 0,
                DependsOn = spec.Maybe("dependsOn") is { } d ? [.. d.EnumerateArray().Select(x => x.GetInt32())] : [],
                Retry = spec.MaybeRetry() ?? j.Retry ?? ModelRetry.Default,
                LeaseLength = spec.MaybeSpan("leaseLength") ?? j.LeaseLength ?? TimeSpan.FromSeconds(30),
                NotBefore = spec.MaybeTime("notBefore"),
            });
        }
    }

    private static void Record(ModelJob j, JsonElement o)
    {
        ModelTask task = j.Tasks[o.Int("index")];
        Require(
            o.Int("run") == task.JobRun && task.Recorded == 0, "one-outcome", j.Id,
            $"outcome {o} of {task.Id}, which is in run {task.JobRun} and has {task.Recorded}");
        task.Recorded = o.Int("outcome");
        if (task.Recorded > 1)
        {
            foreach (ModelTask dependent in j.Tasks.Where(t => t.DependsOn.Contains(task.Index)))
            {
                dependent.Doomed.Add((dependent.JobRun, task.Index));
            }
        }

        j.Claims.Add((task, o.Int("run"), task.Recorded, o.Text("head")));
    }

    private static void Fail(ModelJob j)
    {
        Require(j.Rule == FailFast && j.Phase == "open", "policy-obeyed", j.Id, $"failing while {j.Phase}");
        Require(
            j.Claims.Exists(c => c.Outcome == 2 && c.Task.JobRun == c.Run), "policy-obeyed", j.Id,
            "failing, and nothing was dead-lettered");
        j.Phase = "failing";
    }

    private static void Erase(ModelJob j, int? index, Ledger ledger)
    {
        Require(j.IsEnded, "job-order", j.Id, $"payloads erased while {j.Phase}");
        Require(
            ledger.WasAskedFor(j.Id, "ErasePayloads", index), "nothing-unasked", j.Id,
            $"nobody asked to erase {index}");
        foreach (ModelTask task in index is { } one ? [j.Tasks[one]] : j.Tasks)
        {
            task.IsErased = true;
        }
    }

    private static void Redrive(ModelJob j, JsonElement e, Ledger ledger)
    {
        Require(j.IsSealed && !j.IsStopping, "job-order", j.Id, $"redriven while {j.Phase}");
        ModelTask[] tasks = [.. Range(j, e, "tasks")];
        Require(
            tasks.All(t => t.Recorded is 2 or 3), "redrive-what-ended-badly", j.Id,
            $"redriven {e}; {string.Join(' ', j.Tasks.Select(t => t.Status))}");
        bool isAll = tasks.SequenceEqual(j.Tasks.Where(t => t is { Recorded: 2, IsErased: false }));
        Require(
            (isAll && ledger.WasAskedFor(j.Id, "Redrive", null))
            || (tasks is [var one] && ledger.WasAskedFor(j.Id, "Redrive", one.Index)),
            "nothing-unasked", j.Id, $"nobody asked to redrive {e}");
        ModelTask[] restored = [.. Range(j, e, "restored")];
        Require(
            restored.SequenceEqual(RestoredBy(j, tasks)), "redrive-what-ended-badly", j.Id,
            $"restored {e}; {string.Join(' ', j.Tasks.Select(t => t.Status))}");
        if (e.Maybe("request") is { } request)
        {
            Require(
                !j.Redrives.Exists(r => r.Request == request.GetString()), "nothing-unasked", j.Id,
                $"redriven twice for {request}");
            j.Redrives.Add((request.GetString()!, e.MaybeInt("index")));
        }

        foreach (ModelTask task in tasks.Concat(restored))
        {
            Require(!task.IsErased, "redrive-what-ended-badly", j.Id, $"{task.Id}, whose payloads are erased");
            task.JobRun++;
            task.Recorded = 0;
        }

        foreach (ModelTask task in j.Tasks)
        {
            task.Doomed.UnionWith(task.DependsOn.Where(d => j.Tasks[d].Recorded > 1).Select(d => (task.JobRun, d)));
        }

        (j.Phase, j.WasStopping, j.EndedAt) = ("open", false, null);
    }

    /// <summary>What was skipped and can be done now: of what it depends on nothing has ended badly any more.</summary>
    private static IEnumerable<ModelTask> RestoredBy(ModelJob j, ModelTask[] redriven)
    {
        HashSet<ModelTask> alive = [.. redriven];
        bool isMore = true;
        while (isMore)
        {
            ModelTask[] more =
            [
                .. j.Tasks.Where(t => !alive.Contains(t) && t is { Status: "skipped" or "skipAsked", IsErased: false }
                    && t.DependsOn.Any(d => alive.Contains(j.Tasks[d]))
                    && t.DependsOn.All(d => j.Tasks[d].Recorded <= 1 || alive.Contains(j.Tasks[d]))),
            ];
            alive.UnionWith(more);
            isMore = more.Length > 0;
        }

        return j.Tasks.Where(t => alive.Contains(t) && !redriven.Contains(t));
    }

    private static IEnumerable<ModelTask> Range(ModelJob j, JsonElement e, string name) =>
        e.GetProperty(name).EnumerateArray().SelectMany(r => j.Tasks.GetRange(r.Int("first"), r.Int("count")));

    private static void End(ModelJob j, int outcome)
    {
        if (!j.IsSealed)
        {
            Require(
                (j.Phase, outcome) is ("cancelling", 3), "job-ends-last", j.Id, "ended before it was accepted");
        }
        else
        {
            Require(j.Tasks.TrueForAll(t => t.Recorded != 0), "job-ends-last", j.Id, "ended before all of its tasks");
            bool isCancelled = j.Tasks.Exists(t => t.Recorded == 3);
            bool isFailed = j.Rule != Ignore && j.Tasks.Exists(t => t.Recorded == 2);
            int due = j.Phase == "cancelling" && isCancelled ? 3 : isFailed ? 2 : isCancelled ? 3 : 1;
            Require(outcome == due, "policy-obeyed", j.Id, $"ended as {outcome}, should be {due}");
        }

        j.Phase = outcome switch { 1 => "succeeded", 2 => "failed", _ => "cancelled" };
        j.IsPaused = false;
    }
}
