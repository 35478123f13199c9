using Elasticity.Agent.Sdk.Core;
using Elasticity.Contracts;
using Xunit;

namespace Elasticity.Agent.Sdk.Tests.Support;

/// <summary>A core, virtual time, and a server that is the test itself.</summary>
internal sealed class CoreDriver
{
    private readonly List<AgentCall> _calls = [];
    private int _sessions;

    public CoreDriver(int slots = 1, Func<AgentCoreOptions, AgentCoreOptions>? configure = null)
    {
        AgentCoreOptions options = new() { Kinds = ["resize"], Slots = slots };
        Core = new AgentCore(configure?.Invoke(options) ?? options, () => Chance, () => $"s{++_sessions}");
    }

    public AgentCore Core { get; }

    public double Chance { get; set; } = 0.5;

    public TimeSpan Now { get; private set; }

    public AgentOutput Last { get; private set; } = new();

    public List<AgentLease> Started { get; } = [];

    public List<AgentLease> Stopped { get; } = [];

    public List<AgentNotice> Notices { get; } = [];

    public List<long> Aborted { get; } = [];

    public AgentEnd? End => Last.End;

    /// <summary>A core that has registered and polls.</summary>
    public static CoreDriver Registered(int slots = 1, Func<AgentCoreOptions, AgentCoreOptions>? configure = null)
    {
        CoreDriver driver = new(slots, configure);
        driver.Step();
        driver.Answer(driver.Take<AgentCall.Register>(), new AgentAnswer.Done());
        return driver;
    }

    /// <summary>A core that runs so many tasks.</summary>
    public static CoreDriver Executing(
        int tasks, double leaseSeconds = 30, int? slots = null, bool stopsWhenUnconfirmed = false)
    {
        CoreDriver driver = Registered(
            slots ?? tasks, o => o with { StopsWhenUnconfirmed = stopsWhenUnconfirmed });
        driver.AnswerPoll([.. Enumerable.Range(0, tasks).Select(i => Leased(i, leaseSeconds: leaseSeconds))]);
        Assert.Equal(tasks, driver.Started.Count);
        return driver;
    }

    public static LeasedTaskDocument Leased(int index, long token = 1, double leaseSeconds = 30) => new()
    {
        Job = "j",
        Index = index,
        Kind = "resize",
        Run = 1,
        Attempt = 1,
        Token = token,
        LeaseSeconds = leaseSeconds,
    };

    public AgentOutput Step(params AgentInput[] inputs)
    {
        Last = Core.Step(Now, inputs);
        _calls.AddRange(Last.Calls);
        Started.AddRange(Last.Starts);
        Stopped.AddRange(Last.Stops);
        Notices.AddRange(Last.Notices);
        Aborted.AddRange(Last.Aborts);
        Assert.False(Last.WakeAt <= Now, "It wants to be woken at once, which would go on without end.");
        return Last;
    }

    /// <summary>Lets time pass, waking the core whenever it wants.</summary>
    public void Pass(double seconds)
    {
        TimeSpan until = Now + TimeSpan.FromSeconds(seconds);
        int steps = 0;
        while (Last.WakeAt is { } wake && wake <= until)
        {
            Assert.True(++steps < 10_000, "The core wants to be woken without end.");
            Now = wake > Now ? wake : Now;
            Step();
        }

        Now = until;
        Step();
    }

    /// <summary>Lets time pass without waking the core: the process was frozen.</summary>
    public void Freeze(double seconds) => Now += TimeSpan.FromSeconds(seconds);

    /// <summary>The calls of a kind that were not taken yet.</summary>
    public IReadOnlyList<T> Waiting<T>() => [.. _calls.OfType<T>()];

    /// <summary>The oldest call of a kind that was not taken yet.</summary>
    public T Take<T>()
        where T : AgentCall
    {
        T call = Assert.IsType<T>(_calls.FirstOrDefault(c => c is T), exactMatch: true);
        _calls.Remove(call);
        return call;
    }

    public AgentOutput Answer(AgentCall call, AgentAnswer answer) => Step(new AgentInput.Answered(call.Id, answer));

    public AgentOutput Refuse(AgentCall call, int status, string code) =>
        Answer(call, new AgentAnswer.Refused(status, code, "No."));

    public AgentOutput Lose(AgentCall call) => Answer(call, new AgentAnswer.Lost("Broken pipe."));

    public AgentOutput AnswerPoll(params LeasedTaskDocument[] tasks) =>
        Answer(Take<AgentCall.Lease>(), new AgentAnswer.Leased(tasks));

    /// <summary>Answers the oldest call with results: all are recorded.</summary>
    public AgentCall.Settle AnswerSettle(params LeasedTaskDocument[] tasks)
    {
        AgentCall.Settle call = Take<AgentCall.Settle>();
        Answer(call, Recorded(call.Body.Results.Count, tasks));
        return call;
    }

    public static AgentAnswer.Settled Recorded(int count, params LeasedTaskDocument[] tasks) =>
        new(new SettleAnswerDocument { Recorded = count, Refused = [], Tasks = tasks });

    public static AgentAnswer.Settled RefusedResult(int position, string code) => new(new SettleAnswerDocument
    {
        Recorded = 0,
        Refused = [new RefusedResultDocument { Position = position, Code = code, Detail = "No." }],
        Tasks = [],
    });

    public static AgentAnswer.Beaten Beaten(
        int renewed, int[]? lost = null, int[]? cancelled = null, bool isDraining = false) =>
        new(new HeartbeatAnswerDocument
        {
            Renewed = renewed,
            Lost = Names(lost),
            CancelRequested = Names(cancelled),
            IsDraining = isDraining,
        });

    public AgentOutput Finish(AgentLease lease, string? result = null) => Step(new AgentInput.Finished(
        lease, new HandlerEnd.Succeeded(result is null ? default : RawJson.Parse(result))));

    public AgentOutput Fail(AgentLease lease, bool isDeliberate = false) => Step(new AgentInput.Finished(
        lease,
        new HandlerEnd.Failed(new FailureDocument { Code = "oops", Message = "Oops." }, default, isDeliberate)));

    public AgentOutput StopEnds(AgentLease lease) =>
        Step(new AgentInput.Finished(lease, new HandlerEnd.Stopped()));

    private static LeaseNameDocument[] Names(int[]? indexes) =>
        [.. (indexes ?? []).Select(i => new LeaseNameDocument { Job = "j", Index = i, Token = 1 })];
}
