using System.Text.Json;
using Elasticity.EventStore;
using static Elasticity.Engine.Contract.LogCheck;

namespace Elasticity.Engine.Contract;

/// <summary>The stream of a job, read as a story that must make sense.</summary>
/// <param name="name">The stream.</param>
public sealed class JobLife(string name) : ILife
{
    private static readonly string[] Ends = ["", "succeeded", "failed", "cancelled"];

    // What was recorded, by task and run, with the head of the task's stream that the record names.
    private readonly Dictionary<(int Index, int Run), (int Outcome, string Head)> _outcomes = [];
    private readonly Dictionary<int, int> _runs = [];
    private int _added;
    private int _ended; // tasks that have an outcome in their current run

    /// <summary>The stream.</summary>
    public string Name => name;

    /// <summary>The job's id.</summary>
    public string Id => name["job/".Length..];

    /// <summary>The word of the API for where it stands.</summary>
    public string State { get; private set; } = "none";

    /// <summary>Whether the stream waits for something.</summary>
    public bool IsOpen => State is "opening" or "open" or "failing" or "cancelling";

    /// <summary>The last version.</summary>
    public long Version { get; private set; }

    /// <summary>How many tasks it has.</summary>
    public int TaskCount { get; private set; }

    /// <summary>How many events of each type there are.</summary>
    public Dictionary<string, int> Types { get; } = [];

    /// <inheritdoc/>
    void ILife.Take(StoredEvent e, JsonElement content)
    {
        string type = e.Record.Type;
        Types[type] = Types.GetValueOrDefault(type) + 1;
        Version = e.Version;
        Check((type == "job-opened-1") == (e.Version == 1), name, $"version {e.Version} is {type}");
        switch (type)
        {
            case "job-opened-1":
                TaskCount = content.GetProperty("taskCount").GetInt32();
                State = "opening";
                break;
            case "job-tasks-added-1":
                Check(State == "opening", name, "tasks came after the seal");
                Check(content.GetProperty("first").GetInt32() == _added, name, $"a chunk does not begin at {_added}");
                _added += content.GetProperty("tasks").GetArrayLength();
                break;
            case "job-sealed-1":
                Check(State == "opening" && _added == TaskCount, name, $"sealed with {_added} of {TaskCount} tasks");
                State = "open";
                break;
            case "job-outcomes-recorded-1": Record(content); break;
            case "job-failing-1": Move("failing", "open"); break;
            case "job-cancel-requested-1": Move("cancelling", "opening", "open", "failing"); break;
            case "job-paused-1" or "job-resumed-1": Check(State == "open", name, $"{type} while {State}"); break;
            case "job-payloads-erased-1":
                Check(State is "succeeded" or "failed" or "cancelled", name, $"payloads erased while {State}");
                break;
            case "job-checkpointed-1":
                Check(State is "open" or "failing" or "cancelling", name, $"a checkpoint while {State}");
                break;
            case "job-redriven-1": Redrive(content); break;
            case "job-ended-1": End(content); break;
            default: Check(false, name, $"unknown type {type}"); break;
        }
    }

    /// <summary>Compares what the job recorded with what its tasks say.</summary>
    /// <param name="tasks">Every task of the store.</param>
    /// <param name="isAtomic">Whether both are stored together.</param>
    public void Compare(IReadOnlyDictionary<string, TaskLife> tasks, bool isAtomic)
    {
        foreach (((int index, int run), (int Outcome, string Head) recorded) in _outcomes)
        {
            string stream = StreamOf(index);
            Check(
                tasks.TryGetValue(stream, out TaskLife? task) && task.Outcomes.TryGetValue(run, out var told)
                    && told == recorded,
                name,
                $"it recorded outcome {recorded.Outcome} for run {run} of task {index}, and the task does not say so");
        }

        int toldCount = 0;
        for (int index = 0; index < TaskCount; index++)
        {
            toldCount += tasks.TryGetValue(StreamOf(index), out TaskLife? task) ? task.Outcomes.Count : 0;
        }

        Check(
            !isAtomic || toldCount == _outcomes.Count,
            name,
            $"its tasks have {toldCount} outcomes, and it recorded {_outcomes.Count}");
    }

    private string StreamOf(int index) => $"task/{Id}/{index:D8}";

    private void Move(string to, params string[] from)
    {
        Check(from.Contains(State), name, $"it became {to} from {State}");
        State = to;
    }

    private void Record(JsonElement content)
    {
        Check(State is "open" or "failing" or "cancelling", name, $"an outcome came while it was {State}");
        foreach (JsonElement record in content.GetProperty("outcomes").EnumerateArray())
        {
            int index = record.GetProperty("index").GetInt32();
            int run = record.GetProperty("run").GetInt32();
            Check(run == _runs.GetValueOrDefault(index, 1), name, $"task {index} ended run {run} out of turn");
            Check(
                _outcomes.TryAdd(
                    (index, run),
                    (record.GetProperty("outcome").GetInt32(), record.GetProperty("head").GetString()!)),
                name,
                $"run {run} of task {index} was recorded twice");
            _ended++;
        }
    }

    private void Redrive(JsonElement content)
    {
        Check(State is "open" or "succeeded" or "failed" or "cancelled", name, $"redriven while {State}");
        foreach (string which in (string[])["tasks", "restored"])
        {
            foreach (JsonElement range in content.GetProperty(which).EnumerateArray())
            {
                int first = range.GetProperty("first").GetInt32();
                for (int i = first; i < first + range.GetProperty("count").GetInt32(); i++)
                {
                    int run = _runs.GetValueOrDefault(i, 1);
                    _ended -= _outcomes.ContainsKey((i, run)) ? 1 : 0; // One that was asked to skip has none yet.
                    _runs[i] = run + 1;
                }
            }
        }

        State = "open";
    }

    private void End(JsonElement content)
    {
        string end = Ends[content.GetProperty("outcome").GetInt32()];
        bool wasSealed = Types.ContainsKey("job-sealed-1");
        Check(!wasSealed || _ended == TaskCount, name, $"it {end} with {_ended} of {TaskCount} outcomes");
        Check(wasSealed || end == "cancelled", name, $"it {end} before it was sealed");
        Move(end, "opening", "open", "failing", "cancelling");
    }
}
