using System.Text.Json;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;
using Elasticity.Simulator.World;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>When a session ends without its agent's wish: as silent when nothing was heard of it for as long as that is
/// allowed, not before and not much later; as one of a process that is dead when it belonged to one.</summary>
internal sealed class SilenceRules(Agenda agenda, Plan plan)
{
    /// <summary>Silent sessions are looked for every five seconds, between ticks.</summary>
    private static readonly TimeSpan NoticedWithin = TimeSpan.FromSeconds(5 + 2);

    /// <summary>An engine notices how long it stood still by the time for which it had meant to sleep.</summary>
    private readonly TimeSpan _noticed = TimeSpan.FromSeconds(1) + plan.Engine.Core.TickInterval;

    private readonly List<(string Process, TimeSpan Until)> _froze = [];
    private readonly Dictionary<Holder, List<Contact>> _heard = [];
    private readonly Dictionary<Holder, TimeSpan> _answered = [];
    private readonly Dictionary<Holder, (TimeSpan Since, bool IsInProcess)> _registered = [];

    /// <summary>Until when somebody was there for a session: whoever waits for tasks is there as long.</summary>
    private readonly Dictionary<Holder, TimeSpan> _present = [];

    /// <summary>What a clock that runs fast makes of a time, and how long one that runs slow takes for it.</summary>
    private readonly TimeSpan _silenceMin =
        plan.Engine.Core.SessionSilenceMax / (1 + plan.RateOf(Fault.ClockDrifts));

    private readonly TimeSpan _silenceMax =
        (plan.Engine.Core.SessionSilenceMax + NoticedWithin) / (1 - plan.RateOf(Fault.ClockDrifts));

    private readonly bool _isPrompt = plan.IsQuick && !plan.IsLong;

    /// <summary>An engine stands still: when that takes more than half of the time for which a session may be silent,
    /// that time begins anew for all.</summary>
    public void Froze(Host process, TimeSpan until)
    {
        if (until - agenda.Now > (plan.Engine.Core.SessionSilenceMax / 2) + _noticed)
        {
            _froze.Add((process.Name, until));
        }
    }

    /// <summary>An engine hears of a session.</summary>
    public void Asked(Host process, CoreInput input)
    {
        if (HolderOf(input) is { } holder)
        {
            TimeSpan wait = input is CoreInput.Lease { Request: var r } ? r.Wait : TimeSpan.Zero;
            _present[holder] = Max(_present.GetValueOrDefault(holder), agenda.Now + wait);
            if (!_heard.TryGetValue(holder, out List<Contact>? contacts))
            {
                _heard.Add(holder, contacts = []);
            }

            contacts.Add(new Contact(process.Name, process.ServingSince, agenda.Now));
        }
    }

    /// <summary>A session was answered: whoever did so in a cluster had heard of it. Who leases or reports is noted in
    /// passing, and that may be lost.</summary>
    public void Answered(Call call)
    {
        if (call.Input is CoreInput.Beat or CoreInput.ForAgent && HolderOf(call.Input) is { } holder)
        {
            _answered[holder] = call.AskedAt;
        }
    }

    /// <summary>Looks at a batch that the log has taken in.</summary>
    public void Check(Origin origin, AppendBatch batch, Ledger ledger)
    {
        foreach (StreamAppend append in batch.Streams.Where(s => s.Stream.Value[0] == 'a'))
        {
            foreach (EventRecord record in append.Events)
            {
                using JsonDocument content = JsonDocument.Parse(record.Content);
                Check(origin, append.Stream.Value.Split('/')[1], record.Type, content.RootElement, ledger);
            }
        }
    }

    /// <summary>Looks for open sessions that should have ended.</summary>
    public void Look(IReadOnlyCollection<Host> processes, LogModel log)
    {
        HashSet<Holder> busy = [.. log.Jobs.Values.SelectMany(j => j.Tasks).Where(t => t.Lease is not null)
            .Select(t => t.Lease!.Holder)];
        Host? serving = processes.FirstOrDefault(p => p.IsServing);
        foreach (ModelAgent agent in log.Agents.Values.Where(a => a.IsOpen))
        {
            Holder holder = agent.Holder;
            if (busy.Contains(holder))
            {
                _present[holder] = Max(_present.GetValueOrDefault(holder), agenda.Now);
            }

            if (_isPrompt && serving is not null && !_registered[holder].IsInProcess)
            {
                TimeSpan since = Max(
                    _present[holder], _registered[holder].Since, serving.ServingSince, serving.FrozenUntil);
                Require(
                    agenda.Now - since <= _silenceMax, "silent-sessions-end", agent.Id,
                    $"nothing was heard of {agent.Session} since {since}, and it is {agent.Phase}");
            }
        }
    }

    private void Check(Origin origin, string agent, string type, JsonElement e, Ledger ledger)
    {
        if (type == "agent-attached-1")
        {
            return;
        }

        Holder holder = new(new(agent), new(e.Text("session")));
        if (type == "agent-registered-1")
        {
            _registered[holder] = (agenda.Now, e.GetProperty("offer").GetProperty("isInProcess").GetBoolean());
        }
        else if (type == "agent-session-ended-1" && e.Text("reason") == "silent")
        {
            TimeSpan decided = plan.IsCluster ? agenda.Now : ledger.StepOf(origin, e.Time("at"));
            TimeSpan heard = plan.IsCluster ? HeardInCluster(holder) : Heard(origin, holder, decided);
            Require(
                decided - heard >= _silenceMin, "silent-is-silent", agent,
                $"session {holder.Session} ended as silent at {decided}, heard of at {heard}");
        }
        else if (type == "agent-session-ended-1" && e.Text("reason") == "process-dead")
        {
            (TimeSpan since, bool isInProcess) = _registered[holder];
            Require(
                isInProcess && since < origin.Life, "silent-is-silent", agent,
                $"session {holder.Session} ended as of a dead process; it began at {since}, and that at {origin.Life}");
        }
    }

    /// <summary>When it was heard of last in the life of an engine that decides now; what is asked in the same step may
    /// be read later.</summary>
    private TimeSpan Heard(Origin origin, Holder holder, TimeSpan decided)
    {
        Contact? last = _heard[holder].FindLast(
            c => c.Process == origin.Process && c.Life == origin.Life && c.At < decided);
        TimeSpan froze = _froze.FindLast(f => f.Process == origin.Process && f.Until <= decided).Until;
        return Max(last?.At ?? origin.Life, froze);
    }

    private TimeSpan HeardInCluster(Holder holder) =>
        ClusterTiming.IsExact(plan) ? _answered.GetValueOrDefault(holder) : TimeSpan.Zero;

    private static TimeSpan Max(params ReadOnlySpan<TimeSpan> times)
    {
        TimeSpan max = TimeSpan.Zero;
        foreach (TimeSpan time in times)
        {
            max = time > max ? time : max;
        }

        return max;
    }

    private static Holder? HolderOf(CoreInput input) => input switch
    {
        CoreInput.ForAgent { Command: AgentCommand.Register or AgentCommand.Drain } i => Ledger.HolderOf(i),
        CoreInput.Lease { Request: var r } => r.Holder,
        CoreInput.Beat { Heartbeat: var b } => b.Holder,
        CoreInput.Settle { Request: var r } => r.Holder,
        _ => null,
    };

    private sealed record Contact(string Process, TimeSpan Life, TimeSpan At);
}
