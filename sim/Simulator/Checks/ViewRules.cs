using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Elasticity.Simulator.World;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>What people read from the store, through the code that reads it for them: the pages of jobs, tasks,
/// histories and of the whole log show what the log says, each thing once.</summary>
internal sealed class ViewRules(Agenda agenda, IEventStore store, LogModel log, Chance chance)
{
    private const string Rule = "views-are-the-fold";

    /// <summary>The states of tasks that can be asked for.</summary>
    private static readonly string[] States =
        ["blocked", "pending", "ready", "leased", "succeeded", "dead-lettered", "cancelled", "skipped"];

    /// <summary>Pages are short, so that there are some.</summary>
    private const int PageMax = 7;

    /// <summary>What stands before a result in <see cref="Ledger.Content"/>.</summary>
    private const string Done = "succeeded ";

    private readonly HostClock _clock = new(agenda, drift: 0);

    /// <summary>Reads everything.</summary>
    public void Check()
    {
        StoreInspection inspection = new(store, new FixedTime(_clock.Utc));
        CheckJobs(inspection, new JobFilter());
        foreach (string phase in log.Jobs.Values.Select(j => j.Phase).Distinct())
        {
            CheckJobs(inspection, new JobFilter(State: phase));
        }

        foreach (ModelJob job in log.Jobs.Values)
        {
            CheckTasks(inspection, job);
        }

        CheckLog(inspection);
    }

    private void CheckJobs(StoreInspection inspection, JobFilter filter)
    {
        List<JobSummary> shown = Pages<JobSummary>((cursor, limit) =>
            Now(inspection.ListJobsAsync(filter, cursor, limit, default)).Value!);
        IEnumerable<string> expected = log.Jobs.Values.Where(j => filter.State is null || filter.State == j.Phase)
            .OrderByDescending(j => j.CreatedAt).ThenBy(j => j.Id, StringComparer.Ordinal)
            .Select(j => $"{j.Id} {j.Phase} {j.Version}");
        Same(shown.Select(j => $"{j.Id} {j.State} {j.Version}"), expected, $"jobs in state {filter.State ?? "any"}");
    }

    private void CheckTasks(StoreInspection inspection, ModelJob job)
    {
        JobId id = new(job.Id);
        string[] tasks = job.IsTrimmed ? [] : [.. job.Tasks.Select(Told)];
        Same(List(null).Select(Told), tasks, $"tasks of {job.Id}");
        foreach (string state in States)
        {
            IEnumerable<ModelTask> inState =
                job.IsTrimmed ? [] : job.Tasks.Where(t => StateOf(t) == state && !IsUntold(t));
            IEnumerable<string> expected = inState.Select(Told);
            Same(List(state).Select(Told), expected, $"tasks of {job.Id} that are {state}");
        }

        foreach (ModelTask task in job.IsTrimmed ? [] : job.Tasks)
        {
            IEnumerable<string> history = Pages((from, limit) => Now(inspection.ReadHistoryAsync(
                StreamNames.Of(new TaskId(id, task.Index)), from, limit, default)));
            Same(history, task.Hashes, $"history of {task.Id}");
        }

        List<TaskView> List(string? state) => Pages<TaskView>((cursor, limit) => Now(inspection.ListTasksAsync(
            id, new TaskQuery(state, WithPayloads: true), cursor, limit, default)).Value!);
    }

    /// <summary>Every stream whole and in order, as often as it is.</summary>
    private void CheckLog(StoreInspection inspection)
    {
        Dictionary<string, long> versions = [];
        LogCursor cursor = LogCursor.Start;
        LogPage page;
        do
        {
            page = Now(inspection.ReadLogAsync(cursor, chance.Int(1, PageMax * 10), default));
            foreach (StoredEvent e in page.Events)
            {
                string stream = e.Stream.Value;
                long before = versions.GetValueOrDefault(stream);
                Require(e.Version == before + 1, Rule, stream, $"version {e.Version} comes after {before} in the log");
                versions[stream] = e.Version;
            }

            cursor = page.Next;
        }
        while (!page.IsEnd);

        foreach ((string stream, long version) in versions.Where(v => !v.Key.StartsWith('t') || v.Key[1] == 'a'))
        {
            Require(
                version == log.VersionOf(stream), Rule, stream,
                $"the log ends with version {version}, and it is {log.VersionOf(stream)}");
        }
    }

    /// <summary>All of it, page by page.</summary>
    private List<T> Pages<T>(Func<string?, int, Page<T>> read)
    {
        List<T> all = [];
        string? cursor = null;
        do
        {
            Page<T> page = read(cursor, chance.Int(1, PageMax));
            all.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);

        return all;
    }

    private List<string> Pages(Func<long, int, IReadOnlyList<StoredEvent>> read)
    {
        List<string> all = [];
        IReadOnlyList<StoredEvent> page;
        do
        {
            page = read(all.Count + 1, chance.Int(1, PageMax));
            all.AddRange(page.Select(e => e.Record.Hash.ToString()));
        }
        while (page.Count > 0);

        return all;
    }

    private static string Told(TaskView t) =>
        $"{t.Task} {t.State} kind {t.Kind} priority {t.Priority} run {t.Run} failed {t.Attempts} lost {t.LeasesLost} "
        + $"expired {t.LeasesExpired} token {t.Token} to {t.Lease?.Session.Value}, version {t.Version}, "
        + $"after {string.Join(' ', t.DependsOn)}, not before {t.NotBefore:O}, skipped for {t.SkipCause}, "
        + $"given {t.Payload}, gave {(t.State == "succeeded" ? t.Result : string.Empty)}";

    private string Told(ModelTask t)
    {
        bool isFresh = t.Run < t.JobRun && t.Job.IsSealed; // Nobody has leased it in its run yet.
        bool isDone = StateOf(t) == "succeeded";
        int? cause = !isFresh && t.Outcomes.GetValueOrDefault(t.Run) == 4 ? t.SkipCause : null;
        int run = isFresh ? t.JobRun : Math.Max(t.Run, 1);
        return $"{t.Id} {StateOf(t)} kind {t.Kind} priority {t.Priority} run {run} "
            + $"failed {(isFresh ? 0 : t.Failures)} lost {(isFresh ? 0 : t.Lost)} "
            + $"expired {(isFresh ? 0 : t.Expired)} token {t.Token} to {t.Lease?.Session}, version {t.Hashes.Count}, "
            + $"after {string.Join(' ', t.DependsOn)}, not before {NotBeforeOf(t):O}, skipped for {cause}, "
            + $"given {t.Spec!.Payload}, gave {(isDone ? t.Settled[t.Token][Done.Length..] : string.Empty)}";
    }

    /// <summary>In a cluster a job hears of an end a little later: until then the task is in the list of no
    /// state.</summary>
    private static bool IsUntold(ModelTask t) => t.Run == t.JobRun && t.Phase == "ended" && t.Recorded == 0;

    private static DateTimeOffset? NotBeforeOf(ModelTask t) =>
        t.Run < t.JobRun || t.Phase == "untouched" ? t.NotBefore : t.RetryAt;

    private string StateOf(ModelTask t) => t.Run < t.JobRun || t.Phase is "untouched" or "waiting"
        ? t.Status is not "released" ? "blocked" : NotBeforeOf(t) > _clock.Utc ? "pending" : "ready"
        : t.Phase == "leased" ? "leased"
        : t.Outcomes[t.Run] switch { 1 => "succeeded", 2 => "dead-lettered", 3 => "cancelled", _ => "skipped" };

    /// <summary>The store is in memory, and answers at once.</summary>
    private static T Now<T>(ValueTask<T> answer) => answer.IsCompleted
        ? answer.Result
        : throw new Violation(Rule, "store", "a read did not come to its end at once");

    private static void Same(IEnumerable<string> shown, IEnumerable<string> stored, string what)
    {
        string left = string.Join("\n", shown);
        string right = string.Join("\n", stored);
        Require(left == right, Rule, what, $"shown\n{left}\nand stored\n{right}");
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
