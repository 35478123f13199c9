namespace Elasticity.Agent.Sdk.Core;

/// <content>Draining, giving back, ending.</content>
public sealed partial class AgentCore
{
    /// <summary>How long a long poll may still be answered once the agent drains: it may bring leases to give
    /// back.</summary>
    private static readonly TimeSpan PollGrace = TimeSpan.FromSeconds(1);

    private const int CloseTriesMax = 3;

    private StopLevel _stop;
    private AgentEnd? _break;
    private bool _mayBeOpen;
    private TimeSpan _pollAbortAt = TimeSpan.MaxValue;
    private TimeSpan _stopHandlersAt = TimeSpan.MaxValue;
    private TimeSpan _giveBackAt = TimeSpan.MaxValue;
    private TimeSpan _endAt = TimeSpan.MaxValue;

    private bool IsStopping => _stop != StopLevel.None;

    private TimeSpan NextStopAt =>
        Min(Min(_pollAbortAt, _endAt), Min(_stopHandlersAt, _giveBackAt));

    /// <summary>The server wishes that the session takes nothing new. What runs may go on as long as it
    /// wants.</summary>
    private void TakeDrainWish()
    {
        if (!IsStopping)
        {
            _output.Note(AgentEventKind.DrainRequested, null, string.Empty);
            BeginStop(StopLevel.Wished);
        }
    }

    private void BeginStop(StopLevel level)
    {
        if (level <= _stop)
        {
            return;
        }

        if (!IsStopping)
        {
            Drop(RequestKind.Register);
            _requests.RemoveAll(r => r.Kind == RequestKind.Poll && !r.IsUnderWay); // It waits to be sent once more.
            GiveBackWaiting();
        }

        _stop = level;
        _pollAbortAt = Min(_pollAbortAt, level == StopLevel.Now ? _now : _now + PollGrace);
        if (level == StopLevel.Drain)
        {
            _stopHandlersAt = _now + _options.DrainTimeout;
            _endAt = _stopHandlersAt + _options.CancelGrace + _options.CloseTimeout;
            if (_isRegistered)
            {
                _requests.Add(new AgentRequest(RequestKind.Drain, _session));
            }
        }
        else if (level == StopLevel.Now)
        {
            _stopHandlersAt = _giveBackAt = _now;
            _endAt = Min(_endAt, _now + _options.CloseTimeout);
            Drop(RequestKind.Drain);
        }
    }

    private void GiveBackWaiting()
    {
        foreach (AgentLease lease in _held.Values)
        {
            if (lease.Stage is LeaseStage.Queued or LeaseStage.Unproven)
            {
                GiveBack(lease);
            }
        }

        _queue.Clear();
    }

    /// <summary>Acts on the deadlines of stopping.</summary>
    private void AdvanceStop()
    {
        if (_pollAbortAt <= _now)
        {
            _pollAbortAt = TimeSpan.MaxValue;
            Drop(RequestKind.Poll);
        }

        if (_stopHandlersAt <= _now)
        {
            _stopHandlersAt = TimeSpan.MaxValue;
            _giveBackAt = Min(_giveBackAt, _now + _options.CancelGrace);
            StopHandlers();
        }

        if (_giveBackAt <= _now)
        {
            _giveBackAt = TimeSpan.MaxValue;
            GiveBackRunning();
        }
    }

    private void StopHandlers()
    {
        foreach (AgentLease lease in _held.Values)
        {
            if (lease.Stage == LeaseStage.Running && lease.StopReason == StopReason.None)
            {
                Stop(lease, StopReason.Draining);
            }
        }
    }

    private void GiveBackRunning()
    {
        foreach (AgentLease lease in _held.Values)
        {
            if (lease.Stage != LeaseStage.Running)
            {
                continue;
            }

            if (_stop != StopLevel.Now)
            {
                _output.Note(AgentEventKind.HandlerIgnoresStop, lease, string.Empty);
            }

            if (lease.StopReason == StopReason.Lost)
            {
                Forget(lease);
            }
            else
            {
                GiveBack(lease);
            }
        }
    }

    /// <summary>The agent cannot go on. Nothing it holds is its own any longer; results that were reached are still
    /// sent, so that the server can record that they came too late.</summary>
    private void Break(AgentAnswer.Refused refused)
    {
        if (_break is not null)
        {
            return;
        }

        _break = new AgentEnd(refused.Code, refused.Detail);
        _stop = StopLevel.Broken;
        LoseLeases();
        _queue.Clear();
        foreach (RequestKind kind in (ReadOnlySpan<RequestKind>)
            [RequestKind.Register, RequestKind.Poll, RequestKind.Beat, RequestKind.Drain, RequestKind.Close])
        {
            Drop(kind);
        }

        _isRegistered = false;
        _mayBeOpen = false;
        _stopHandlersAt = _giveBackAt = _pollAbortAt = TimeSpan.MaxValue;
        _endAt = Min(_endAt, _now + _options.CloseTimeout);
    }

    /// <summary>Ends the session when nothing is left to do, and then the agent.</summary>
    private void FinishStop()
    {
        if (!IsStopping)
        {
            return;
        }

        bool isIdle = FinishedCount == 0
            && (_stop == StopLevel.Broken || RunningCount == 0)
            && !Has(RequestKind.Poll);
        if (isIdle && _mayBeOpen)
        {
            CloseSession();
        }

        if (_endAt <= _now || (isIdle && !_mayBeOpen))
        {
            foreach (AgentRequest request in _requests)
            {
                Abort(request);
            }

            _requests.Clear();
            _output.End = _break ?? new AgentEnd(AgentEnd.Drained, "The agent ended as it was asked to.");
        }
    }

    /// <summary>A courtesy: a session that is not closed falls silent and is ended by the server.</summary>
    private void CloseSession()
    {
        Drop(RequestKind.Drain);
        if (Find(RequestKind.Close) is not { } close)
        {
            _endAt = Min(_endAt, _now + _options.CloseTimeout);
            Add(new AgentRequest(RequestKind.Close, _session));
        }
        else if (close.Failures >= CloseTriesMax)
        {
            _mayBeOpen = false;
        }
    }

    private enum StopLevel
    {
        None,

        /// <summary>The server wishes it: no hurry.</summary>
        Wished,

        /// <summary>The process is to end: handlers have a while.</summary>
        Drain,

        /// <summary>The process ends now.</summary>
        Now,

        /// <summary>The session is somebody else's.</summary>
        Broken,
    }
}
