using System.Globalization;
using System.Text.Json;
using Elasticity.EventStore;
using Elasticity.Simulator.World;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>A lease is taken back when its length has passed since the last sign of life, not before and not much
/// later.</summary>
internal sealed class LeaseTiming(Plan plan)
{
    /// <summary>The tick, and the steps that a busy engine takes.</summary>
    private readonly TimeSpan _slack =
        TimeSpan.FromSeconds(1) + (plan.IsLong ? plan.Engine.Core.TickInterval : TimeSpan.Zero);

    /// <summary>No lease is so short that its half is shorter.</summary>
    private static readonly TimeSpan NoticedMin = TimeSpan.FromSeconds(0.25);

    private readonly Dictionary<(string Stream, long Token), Origin> _granted = [];
    private readonly Dictionary<string, List<(DateTimeOffset From, DateTimeOffset Until)>> _freezes = [];

    /// <summary>Where nothing but leases makes the engine wait, the times of events can be compared exactly.</summary>
    private readonly bool _isExact = plan.RateOf(Fault.WallClockJumps) == 0;

    private readonly bool _isPrompt = plan.IsQuick && plan.RateOf(Fault.WallClockJumps) == 0;

    /// <summary>An engine stands still until then.</summary>
    public void Froze(Host process, TimeSpan now, TimeSpan until)
    {
        DateTimeOffset from = process.Clock.Utc;
        Stood(process, from, from + (process.Clock.MonotonicAt(until) - process.Clock.MonotonicAt(now)));
    }

    /// <summary>An engine that had to wait for its store, for so long, heard nobody.</summary>
    public void Waited(Host process, TimeSpan length)
    {
        if (length > NoticedMin)
        {
            Stood(process, process.Clock.Utc - length, process.Clock.Utc);
        }
    }

    private void Stood(Host process, DateTimeOffset from, DateTimeOffset end)
    {
        if (!_freezes.TryGetValue(process.Name, out List<(DateTimeOffset From, DateTimeOffset Until)>? freezes))
        {
            _freezes.Add(process.Name, freezes = []);
        }

        if (freezes is [.., var last] && last.Until >= from)
        {
            freezes[^1] = (last.From, end > last.Until ? end : last.Until);
        }
        else
        {
            freezes.Add((from, end));
        }
    }

    /// <summary>Checks a batch against the log before it.</summary>
    public void Check(Origin origin, AppendBatch batch, Ledger ledger, LogModel log)
    {
        foreach (StreamAppend append in batch.Streams)
        {
            foreach (EventRecord e in append.Events)
            {
                if (e.Type == "task-leased-1")
                {
                    using JsonDocument content = JsonDocument.Parse(e.Content);
                    _granted[(append.Stream.Value, content.RootElement.GetProperty("lease").Long("token"))] = origin;
                }
                else if (e.Type is "task-expired-1" or "task-lost-1")
                {
                    using JsonDocument content = JsonDocument.Parse(e.Content);
                    Check(origin, append.Stream.Value, e.Type, content.RootElement, ledger, log);
                }
            }
        }
    }

    private void Check(Origin origin, string stream, string type, JsonElement e, Ledger ledger, LogModel log)
    {
        string[] parts = stream.Split('/');
        ModelTask? task = log.Find(parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture));
        long token = e.Long("token");
        if (task?.Lease is not { } lease || lease.Token != token)
        {
            return; // Leased and taken back in one batch: its session ended meanwhile.
        }

        string reason = type == "task-expired-1" ? "expired" : e.Text("reason");
        if (reason is "agent-superseded" or "closed" or "silent" or "process-dead")
        {
            return; // With its session: see TaskRules.
        }

        Beat? beat = ledger.BeatBefore(origin, e.Time("at"), task.Id, lease);
        bool isConfirmed = beat is not null;
        switch (reason)
        {
            case "expired":
                Require(isConfirmed, "expired-or-lost", task.Id, $"token {token} expired, nobody confirmed it");
                break;
            case "unconfirmed":
                Require(!isConfirmed, "expired-or-lost", task.Id, $"token {token} is lost, its agent had confirmed it");
                break;
            default:
                throw new Violation("expired-or-lost", task.Id, $"lost as {reason}");
        }

        bool isOwn = _granted.TryGetValue((stream, token), out Origin? granter) && granter == origin;
        DateTimeOffset since = isConfirmed ? beat!.Utc : isOwn ? lease.At : origin.LifeUtc;
        bool hasGrace = isConfirmed || isOwn; // Others had theirs at the start.
        DateTimeOffset due = DueBy(origin.Process, since, task.LeaseLength, hasGrace);
        DateTimeOffset taken = e.Time("at");
        Require(
            !_isPrompt || taken <= due + _slack, "dead-leases-come-back", task.Id,
            $"token {token} {reason} at {taken:O}, it was due by {due:O}; its length is {task.LeaseLength}");
        since = hasGrace ? AfterFreeze(origin.Process, since, task.LeaseLength) : since;
        Require(
            !_isExact || taken - since >= task.LeaseLength, "leases-last", task.Id,
            $"token {token} {reason} after {taken - since} of {task.LeaseLength}");
    }

    /// <summary>When a lease runs out at the latest: its length after the last sign of life, or after a silence of the
    /// engine in which it was alive; once, however often the engine falls silent.</summary>
    private DateTimeOffset DueBy(string process, DateTimeOffset since, TimeSpan length, bool hasGrace)
    {
        DateTimeOffset due = since + length;
        foreach ((DateTimeOffset from, DateTimeOffset until) in _freezes.GetValueOrDefault(process) ?? [])
        {
            if (until <= since || from > due + _slack)
            {
                continue;
            }

            TimeSpan silence = until - from;
            DateTimeOffset next = hasGrace && silence > NoticedMin ? until + length : until;
            due = next > due ? next : due;
            hasGrace &= silence <= (length / 2) + _slack; // Else it was noticed, and the grace is used up.
        }

        return due;
    }

    /// <summary>From when a lease runs that was alive when the engine fell silent for more than half of its length:
    /// from the end of that silence, once.</summary>
    private DateTimeOffset AfterFreeze(string process, DateTimeOffset since, TimeSpan length)
    {
        // The first silence that may have been noticed: it uses the grace up, also when a shorter lease noticed it.
        (DateTimeOffset from, DateTimeOffset until) = (_freezes.GetValueOrDefault(process) ?? [])
            .Find(f => f.From > since && f.Until - f.From > NoticedMin);
        return from > since && from < since + length && until - from > (length / 2) + _slack ? until : since;
    }
}
