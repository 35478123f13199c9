using Elasticity.Agent.Sdk;
using Elasticity.Agent.Sdk.Core;
using Elasticity.Contracts;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>
/// What an agent of the SDK owes to the leases that it was given, in one life of its process: it keeps alive what runs
/// and what is not recorded yet, and when it is to end it gives back what waits, lets handlers go on for as long as its
/// options say, and is over in time. All times are of its own clock.
/// </summary>
/// <param name="id">The agent.</param>
/// <param name="options">What it was told.</param>
internal sealed class SdkRules(string id, AgentCoreOptions options)
{
    /// <summary>A heartbeat is due when a third of the lease is over. One that gets no answer is given up after a
    /// third, and sent again after an eighth at the latest.</summary>
    private const double NamedWithin = 1.0 / 2;

    /// <summary>Who is woken needs a moment; and no call is given up sooner than after a tenth of a second.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromSeconds(0.2);

    private readonly Dictionary<Name, Kept> _kept = [];
    private readonly Dictionary<long, TimeSpan> _sentAt = [];
    private readonly Dictionary<string, TimeSpan> _requestedAt = [];
    private readonly Dictionary<Name, TimeSpan> _confirmedAt = [];
    private readonly HashSet<Name> _given = [];
    private readonly HashSet<Name> _running = [];
    private readonly HashSet<Name> _asked = [];
    private readonly HashSet<Name> _toStop = [];
    private readonly Dictionary<Name, string> _unsaid = [];
    private string _session = string.Empty;
    private TimeSpan _now;
    private TimeSpan _stoodUntil;
    private TimeSpan? _drainsSince;
    private TimeSpan? _asksAt;
    private TimeSpan _endsBy = TimeSpan.MaxValue;
    private bool _isHurried;
    private bool _isClosed;
    private bool _isRefused;

    /// <summary>When its handlers must have been asked to stop; null while it does not drain.</summary>
    public TimeSpan? StopsBy => _isHurried ? null : _drainsSince + options.DrainTimeout;

    /// <summary>When it must wait for no handler any more; null while it does not drain. Whoever stood still, and so
    /// asks them late to stop, gives them as long.</summary>
    public TimeSpan? GivesBackBy => (_asksAt ?? StopsBy) + options.CancelGrace;

    /// <summary>When it must be over.</summary>
    public TimeSpan EndsBy => _endsBy;

    /// <summary>Its process stands still until then: nothing can be expected of it.</summary>
    public void Stands(TimeSpan until) => _stoodUntil = until;

    /// <summary>It hears of something, with its next step.</summary>
    public void Hears(TimeSpan now, AgentInput input)
    {
        switch (input)
        {
            case AgentInput.Drain when _drainsSince is null && !_isHurried:
                _drainsSince = now;
                _endsBy = Earlier(_endsBy, now + options.DrainTimeout + options.CancelGrace + options.CloseTimeout);
                break;
            case AgentInput.GiveUp:
                _isHurried = true;
                _endsBy = Earlier(_endsBy, now + options.CloseTimeout);
                break;
            case AgentInput.Progressed
                { Lease: { StopReason: StopReason.None or StopReason.Cancelled } said, Text: var text }
                when _running.Contains(NameOf(said)):
                _unsaid[NameOf(said)] = text;
                break;
            case AgentInput.Finished { Lease: var lease }:
                _running.Remove(NameOf(lease));
                break;
        }
    }

    /// <summary>A call that it waits for is answered.</summary>
    public void Answered(AgentCall call, AgentAnswer answer)
    {
        switch (call, answer)
        {
            case (AgentCall.Lease c, AgentAnswer.Leased { Tasks: var tasks }):
                Given(call.Session, c.Body, tasks);
                break;
            case (AgentCall.Settle c, AgentAnswer.Settled or AgentAnswer.Refused):
                foreach (TaskResultInput result in c.Body.Results)
                {
                    Over(new Name(result.Job, result.Index, result.Token)); // Refused, it does what it can.
                }

                Given(call.Session, c.Body.Lease, (answer as AgentAnswer.Settled)?.Document.Tasks ?? []);
                break;
            case (AgentCall.Heartbeat c, AgentAnswer.Beaten { Document: var document }):
                foreach (HeldLeaseDocument held in c.Body.Leases)
                {
                    Confirmed(new Name(held.Job, held.Index, held.Token), _sentAt[call.Id], held.Progress);
                }

                foreach (Name lost in document.Lost.Select(NameOf))
                {
                    _toStop.Add(lost);
                    Over(lost);
                }

                _toStop.UnionWith(document.CancelRequested.Select(NameOf));
                break;
            case (AgentCall.Drain or AgentCall.Close, AgentAnswer.Refused):
                _isRefused = true; // There is nothing to close, or it may not.
                break;
        }
    }

    /// <summary>It took a step.</summary>
    public void Stepped(TimeSpan now, AgentCore core, AgentOutput output)
    {
        _now = now;
        if (core.Session != _session)
        {
            _session = core.Session;
            _kept.Clear();
            _given.Clear(); // Its session is over, and its leases with it.
            (_isClosed, _isRefused) = (false, false);
        }

        if (now >= StopsBy)
        {
            _asksAt ??= now;
        }

        CheckKept(core); // Before what it does now: that may be too late.
        foreach (AgentLease lease in output.Starts)
        {
            _running.Add(NameOf(lease));
            _kept[NameOf(lease)] = new Kept(lease.Length, now);
        }

        foreach (AgentLease lease in output.Stops)
        {
            Stops(lease);
        }

        foreach (AgentCall call in output.Calls)
        {
            Sends(call);
        }

        Require(
            !_running.Except(_asked).Any(n => _isHurried || _toStop.Contains(n)), "handlers-are-told", id,
            $"of {string.Join(", ", _running.Except(_asked))} not all are to go on");
        if (output.End is { IsClean: true } && now < _endsBy)
        {
            Require(_given.Count == 0, "drain-gives-back", id, $"it ends with {string.Join(", ", _given)}");
            Require(
                _isClosed || _isRefused || !core.IsRegistered, "drain-ends", id, $"it leaves session {_session} open");
        }
    }

    private void CheckKept(AgentCore core)
    {
        foreach ((Name name, Kept kept) in core.IsRegistered ? _kept : [])
        {
            Require(
                _stoodUntil > kept.NamedAt || _now - kept.NamedAt <= (kept.Length * NamedWithin) + Slack,
                "kept-alive", id, $"{name} was named {_now - kept.NamedAt} ago in a heartbeat; it lasts {kept.Length}");
        }

        foreach (Name name in options.StopsWhenUnconfirmed ? _running.Except(_asked) : [])
        {
            TimeSpan since = _confirmedAt.GetValueOrDefault(name);
            Require(
                _stoodUntil > since || !_kept.TryGetValue(name, out Kept? kept) || _now - since <= kept.Length,
                "stops-when-unconfirmed", id, $"{name} runs, and nobody confirmed it since {since}");
        }
    }

    /// <summary>It should have asked its handlers to stop; who gives up does so at once.</summary>
    public void MustHaveAsked() => Require(
        _isHurried || _running.IsSubsetOf(_asked), "drain-stops-handlers", id,
        $"it drains since {_drainsSince}, and has not asked {string.Join(", ", _running.Except(_asked))} to stop");

    /// <summary>It should have given back what handlers did not heed.</summary>
    /// <param name="running">How many handlers it still waits for.</param>
    public void MustHaveGivenBack(int running) => Require(
        _isHurried || running == 0, "drain-stops-handlers", id,
        $"it drains since {_drainsSince}, and still waits for {running} handlers that it asked to stop");

    /// <summary>It should be over.</summary>
    public void MustBeOver() =>
        throw new Violation("drain-ends", id, $"it was to end by {_endsBy}, {_running.Count} handlers run");

    /// <summary>The server may have given it when it was first asked, and counts its length from then.</summary>
    private void Given(string session, LeaseTasks? wish, IReadOnlyList<LeasedTaskDocument> tasks)
    {
        foreach (Name name in session == _session ? tasks.Select(t => new Name(t.Job, t.Index, t.Token)) : [])
        {
            _given.Add(name);
            _confirmedAt.TryAdd(name, _requestedAt[$"{session} {wish!.RequestId}"]);
        }
    }

    private void Confirmed(Name name, TimeSpan sentAt, string? progress)
    {
        _confirmedAt[name] = sentAt > _confirmedAt.GetValueOrDefault(name) ? sentAt : _confirmedAt[name];
        if (_unsaid.GetValueOrDefault(name) == progress)
        {
            _unsaid.Remove(name);
        }
    }

    private void Stops(AgentLease lease)
    {
        Name name = NameOf(lease);
        _asked.Add(name);
        if (lease.StopReason != StopReason.Cancelled)
        {
            _unsaid.Remove(name); // It may be given back before the handler says so.
        }

        if (lease.StopReason == StopReason.Lost)
        {
            Over(name);
        }
        else if (lease.StopReason == StopReason.Draining && _kept.GetValueOrDefault(name) is { IsNamed: false })
        {
            _kept.Remove(name); // It may be given back, and that it is lost counts against nobody.
        }

        Require(
            lease.StopReason != StopReason.Draining || _isHurried || _now >= _drainsSince + options.DrainTimeout,
            "drain-stops-handlers", id, $"{name} is to stop at {_now}, and it drains since {_drainsSince}");
    }

    private void Sends(AgentCall call)
    {
        _sentAt[call.Id] = _now;
        _isClosed |= call is AgentCall.Close;
        LeaseTasks? wish = (call as AgentCall.Lease)?.Body ?? (call as AgentCall.Settle)?.Body.Lease;
        if (wish is not null)
        {
            _requestedAt.TryAdd($"{call.Session} {wish.RequestId}", _now);
        }

        if (call is AgentCall.Heartbeat { Body: var beat })
        {
            foreach (HeldLeaseDocument held in beat.Leases)
            {
                Name name = new(held.Job, held.Index, held.Token);
                Require(
                    !_unsaid.TryGetValue(name, out string? text) || held.Progress == text, "progress-is-told", id,
                    $"{name}: '{held.Progress}' is told, and '{text}' was said");
                if (_kept.TryGetValue(name, out Kept? kept))
                {
                    (kept.NamedAt, kept.IsNamed) = (_now, true);
                }
            }
        }
    }

    private void Over(Name name)
    {
        _given.Remove(name);
        _kept.Remove(name);
    }

    private static Name NameOf(AgentLease lease) =>
        new(lease.Document.Job, lease.Document.Index, lease.Document.Token);

    private static Name NameOf(LeaseNameDocument lease) => new(lease.Job, lease.Index, lease.Token);

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private readonly record struct Name(string Job, int Index, long Token)
    {
        public override string ToString() => $"{Job}/{Index}#{Token}";
    }

    /// <summary>A lease that heartbeats must name.</summary>
    private sealed class Kept(TimeSpan length, TimeSpan since)
    {
        public TimeSpan Length => length;

        public TimeSpan NamedAt { get; set; } = since;

        public bool IsNamed { get; set; }
    }
}
