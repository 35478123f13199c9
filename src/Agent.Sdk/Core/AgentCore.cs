using Elasticity.Contracts;

namespace Elasticity.Agent.Sdk.Core;

/// <summary>
/// Everything that an agent decides: which leases it holds, when it asks for more, what it sends when, and what it
/// makes of each answer. Synchronous and deterministic: no clock, no chance, no network. A pump around it does those,
/// and so does a simulator.
/// </summary>
/// <remarks>
/// Not thread-safe. Every step first hears what happened, then looks at deadlines, then starts handlers, then sends. An
/// attempt that was not answered in time is repeated with the same request id and the same results; the answer to an
/// attempt that is no longer waited for is ignored, since the next attempt brings the same.
/// </remarks>
public sealed partial class AgentCore
{
    /// <summary>The most tasks or results in one call.</summary>
    private const int BatchMax = 1_000;

    private readonly AgentCoreOptions _options;
    private readonly Func<double> _chance;
    private readonly Func<string> _newSession;
    private readonly AgentOutput _output = new();
    private readonly Dictionary<LeaseKey, AgentLease> _held = [];
    private readonly int[] _stages = new int[(int)LeaseStage.Over + 1];
    private readonly List<AgentRequest> _requests = [];

    private TimeSpan _now;
    private long _lastCall;
    private string _session;
    private bool _isRegistered;
    private bool _wasRegistered;
    private bool _isDisconnected;

    /// <summary>Makes an agent that has not registered yet; the first step does.</summary>
    /// <param name="options">What it is told once.</param>
    /// <param name="chance">Gives numbers of at least 0 and below 1, for jitter.</param>
    /// <param name="newSession">Gives ids of sessions, never one twice: 1 to 128 of <c>[A-Za-z0-9._-]</c>.</param>
    public AgentCore(AgentCoreOptions options, Func<double> chance, Func<string> newSession)
    {
        _options = options;
        _chance = chance;
        _newSession = newSession;
        _session = newSession();
    }

    /// <summary>The session that is open, or being opened.</summary>
    public string Session => _session;

    /// <summary>Whether the session is open.</summary>
    public bool IsRegistered => _isRegistered;

    /// <summary>How many handlers run.</summary>
    public int RunningCount => _stages[(int)LeaseStage.Running];

    /// <summary>How many leases wait for a slot.</summary>
    public int WaitingCount => _stages[(int)LeaseStage.Queued] + _stages[(int)LeaseStage.Unproven];

    /// <summary>How many results are still to be recorded.</summary>
    public int FinishedCount => _stages[(int)LeaseStage.Finished];

    /// <summary>Hears what happened and says what to do.</summary>
    /// <param name="now">Monotonic, never less than before.</param>
    /// <param name="inputs">What happened since the last step; may be empty.</param>
    /// <returns>What to do; valid until the next step.</returns>
    public AgentOutput Step(TimeSpan now, IReadOnlyList<AgentInput> inputs)
    {
        _now = now;
        _output.Clear();
        if (_output.End is not null)
        {
            return _output;
        }

        for (int i = 0; i < inputs.Count; i++)
        {
            Take(inputs[i]);
        }

        CheckLeases();
        TimeOut();
        AdvanceStop();
        StartQueued();
        SendCalls();
        FinishStop();
        TimeSpan wake = NextWake();
        _output.WakeAt = _output.End is null && wake < TimeSpan.MaxValue ? wake : null;
        return _output;
    }

    private void Take(AgentInput input)
    {
        switch (input)
        {
            case AgentInput.Answered answered:
                TakeAnswer(answered);
                break;
            case AgentInput.Finished finished:
                TakeEnd(finished.Lease, finished.End);
                break;
            case AgentInput.Progressed progressed:
                TakeProgress(progressed.Lease, progressed.Text);
                break;
            case AgentInput.Drain:
                BeginStop(StopLevel.Drain);
                break;
            case AgentInput.GiveUp:
                BeginStop(StopLevel.Now);
                break;
        }
    }

    private void SendCalls()
    {
        for (int i = 0; i < _requests.Count; i++)
        {
            if (!_requests[i].IsUnderWay && _requests[i].RetryAt <= _now)
            {
                Send(_requests[i]);
            }
        }

        if (!_isRegistered && !IsStopping && !Has(RequestKind.Register))
        {
            Add(new AgentRequest(RequestKind.Register, _session));
        }

        SendResults();
        if (_isRegistered)
        {
            SendPoll();
            SendBeat();
        }
    }

    private void Add(AgentRequest request)
    {
        _requests.Add(request);
        Send(request);
    }

    private void Send(AgentRequest request)
    {
        if (IsStopping || request.Session != _session)
        {
            request.Wanted = null; // Only a repeated request for results comes here with a wish for tasks.
        }

        _mayBeOpen |= request.Kind == RequestKind.Register;
        long id = ++_lastCall;
        request.Call = id;
        request.SentAt = _now;
        request.FirstSentAt ??= _now;
        request.TimeoutAt = _now + TimeoutOf(request);
        _output.Send(request.Kind switch
        {
            RequestKind.Register => new AgentCall.Register(id, request.Session, Offer()),
            RequestKind.Poll => new AgentCall.Lease(id, request.Session, request.Wanted!),
            RequestKind.Settle => new AgentCall.Settle(id, request.Session, BodyOfSettle(request)),
            RequestKind.Beat => new AgentCall.Heartbeat(id, request.Session, BodyOfBeat(request)),
            RequestKind.Drain => new AgentCall.Drain(id, request.Session),
            _ => new AgentCall.Close(id, request.Session),
        });
    }

    private RegisterAgent Offer() =>
        new() { Kinds = _options.Kinds, Slots = _options.Slots, Labels = _options.Labels };

    private TimeSpan TimeoutOf(AgentRequest request) => request.Kind switch
    {
        RequestKind.Poll => _options.CallTimeout + TimeSpan.FromSeconds(request.Wanted!.WaitSeconds ?? 0),
        RequestKind.Beat => BeatTimeout,
        RequestKind.Drain or RequestKind.Close => Min(_options.CallTimeout, _options.CloseTimeout),
        _ => _options.CallTimeout,
    };

    private bool Has(RequestKind kind) => Find(kind) is not null;

    private AgentRequest? Find(RequestKind kind)
    {
        foreach (AgentRequest request in _requests)
        {
            if (request.Kind == kind)
            {
                return request;
            }
        }

        return null;
    }

    private void Drop(RequestKind kind)
    {
        for (int i = _requests.Count - 1; i >= 0; i--)
        {
            if (_requests[i].Kind == kind)
            {
                Abort(_requests[i]);
                _requests.RemoveAt(i);
            }
        }
    }

    private void Abort(AgentRequest request)
    {
        if (request.IsUnderWay)
        {
            _output.Abort(request.Call);
            request.Call = 0;
        }
    }

    private void TimeOut()
    {
        for (int i = _requests.Count - 1; i >= 0; i--)
        {
            AgentRequest request = _requests[i];
            if (request.IsUnderWay && request.TimeoutAt <= _now)
            {
                Abort(request);
                Retry(request, "No answer came in time.", null);
            }
        }
    }

    private TimeSpan NextWake()
    {
        TimeSpan wake = Min(_checkAt, NextStopAt);
        foreach (AgentRequest request in _requests)
        {
            wake = Min(wake, request.IsUnderWay ? request.TimeoutAt : request.RetryAt);
        }

        return Min(wake, Min(NextBeatAt, NextPollAt));
    }

    private void SetStage(AgentLease lease, LeaseStage stage)
    {
        _stages[(int)lease.Stage]--;
        _stages[(int)stage]++;
        lease.Stage = stage;
    }

    /// <summary>Nothing more is to be done for a lease.</summary>
    private void Forget(AgentLease lease)
    {
        SetStage(lease, LeaseStage.Over);
        _resultBytes -= BytesOf(lease);
        _held.Remove(lease.Key);
    }

    /// <summary>A share of a length; of none, no limit.</summary>
    private static TimeSpan ShareOf(TimeSpan length, int parts) =>
        length == TimeSpan.MaxValue ? length : length / parts;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
