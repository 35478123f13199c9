using System.Text.Json;
using Elasticity.EventStore;
using static Elasticity.Engine.Contract.LogCheck;

namespace Elasticity.Engine.Contract;

/// <summary>The stream of a task, read as a story that must make sense.</summary>
/// <param name="name">The stream.</param>
public sealed class TaskLife(string name) : ILife
{
    private const int RefusedMax = 16;

    private readonly HashSet<long> _refused = [];
    private readonly List<long> _successes = [];
    private int _refusedOfRun;

    /// <summary>The stream.</summary>
    public string Name => name;

    /// <summary><c>untouched</c>, <c>leased</c>, <c>waiting</c> or <c>ended</c>.</summary>
    public string Phase { get; private set; } = "untouched";

    /// <summary>Whether the stream waits for something.</summary>
    public bool IsOpen => Phase is "leased" or "waiting";

    /// <summary>The run it is in.</summary>
    public int Run { get; private set; }

    /// <summary>The last token given.</summary>
    public long Token { get; private set; }

    /// <summary>The outcome of each run that has one, with the hash of the event that says so.</summary>
    public Dictionary<int, (int Outcome, string Head)> Outcomes { get; } = [];

    /// <summary>The tokens under which a handler succeeded.</summary>
    public IReadOnlyList<long> Successes => _successes;

    /// <summary>How many events of each type there are.</summary>
    public Dictionary<string, int> Types { get; } = [];

    /// <inheritdoc/>
    void ILife.Take(StoredEvent e, JsonElement content)
    {
        string type = e.Record.Type;
        Types[type] = Types.GetValueOrDefault(type) + 1;
        string head = e.Record.Hash.ToString();
        switch (type)
        {
            case "task-leased-1": Lease(content); break;
            case "task-succeeded-1":
                EndLease(type, content);
                _successes.Add(Token);
                End(Run, 1, head);
                break;
            case "task-failed-1" or "task-given-back-1" or "task-lost-1" or "task-expired-1":
                EndLease(type, content);
                break;
            case "task-dead-lettered-1": EndRun(content, 2, head); break;
            case "task-cancelled-1": EndRun(content, 3, head); break;
            case "task-skipped-1": EndRun(content, 4, head); break;
            case "task-cancel-requested-1": Check(Phase == "leased", name, "asked to stop though nobody has it"); break;
            case "task-result-refused-1": Refuse(content); break;
            default: Check(false, name, $"unknown type {type}"); break;
        }
    }

    private void Lease(JsonElement content)
    {
        int run = content.GetProperty("run").GetInt32();
        long token = content.GetProperty("lease").GetProperty("token").GetInt64();
        Check(Phase != "leased", name, $"lease {token} overlaps lease {Token}");
        Check(token == Token + 1, name, $"token {token} follows {Token}");
        Check(run >= Run, name, $"run {run} is leased in run {Run}");
        Check(!Outcomes.ContainsKey(run), name, $"run {run} is leased after its outcome");
        Begin(run);
        Token = token;
        Phase = "leased";
    }

    private void EndLease(string type, JsonElement content)
    {
        long token = content.GetProperty("token").GetInt64();
        Check(Phase == "leased" && token == Token, name, $"{type} under {token}, but it is {Phase} under {Token}");
        Phase = "waiting";
    }

    private void EndRun(JsonElement content, int outcome, string head)
    {
        int run = content.GetProperty("run").GetInt32();
        Check(Phase != "leased", name, $"run {run} ends while it is leased");
        Check(run >= Run, name, $"run {run} ends after run {Run} began");
        Begin(run);
        End(run, outcome, head);
    }

    private void Begin(int run)
    {
        _refusedOfRun = run == Run ? _refusedOfRun : 0;
        Run = run;
    }

    private void End(int run, int outcome, string head)
    {
        Check(Outcomes.TryAdd(run, (outcome, head)), name, $"run {run} has two outcomes");
        Phase = "ended";
    }

    private void Refuse(JsonElement content)
    {
        long token = content.GetProperty("token").GetInt64();
        Check(token >= 1 && token <= Token, name, $"refused token {token} was never given");
        Check(_refused.Add(token), name, $"token {token} is refused twice");
        Check(++_refusedOfRun <= RefusedMax, name, $"more than {RefusedMax} refused results in run {Run}");
    }
}
