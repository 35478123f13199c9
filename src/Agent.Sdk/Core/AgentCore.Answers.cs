using Elasticity.Contracts;

namespace Elasticity.Agent.Sdk.Core;

/// <content>What each answer means.</content>
public sealed partial class AgentCore
{
    /// <summary>A call that was answered with a defect of the server so often is not repeated as it is.</summary>
    private const int DefectsMax = 5;

    private void TakeAnswer(AgentInput.Answered answered)
    {
        AgentRequest? request = null;
        foreach (AgentRequest one in _requests)
        {
            request = one.Call == answered.Call ? one : request;
        }

        if (request is null)
        {
            return; // Late, or twice: another attempt has taken its place.
        }

        request.Call = 0;
        switch (request.Kind, answered.Answer)
        {
            case (_, AgentAnswer.Lost lost):
                Retry(request, lost.Detail, null);
                return;
            case (_, AgentAnswer.Refused refused):
                TakeRefusal(request, refused);
                return;
            case (RequestKind.Register, AgentAnswer.Done):
                _requests.Remove(request);
                _isRegistered = _wasRegistered = true;
                _output.Note(AgentEventKind.Registered, null, $"session {request.Session}");
                break;
            case (RequestKind.Poll, AgentAnswer.Leased leased):
                _requests.Remove(request);
                TakePolled(request, leased.Tasks);
                break;
            case (RequestKind.Settle, AgentAnswer.Settled settled):
                _requests.Remove(request);
                TakeVerdicts(request, settled.Document);
                break;
            case (RequestKind.Beat, AgentAnswer.Beaten beaten):
                _requests.Remove(request);
                TakeBeaten(request, beaten.Document);
                break;
            case (RequestKind.Drain, AgentAnswer.Done):
                _requests.Remove(request);
                break;
            case (RequestKind.Close, AgentAnswer.Done):
                _requests.Remove(request);
                _mayBeOpen = false;
                break;
            default:
                Retry(request, "The answer does not fit the call.", null);
                return;
        }

        if (_isDisconnected)
        {
            _isDisconnected = false;
            _output.Note(AgentEventKind.Reconnected, null, string.Empty);
        }
    }

    private void TakeRefusal(AgentRequest request, AgentAnswer.Refused refused)
    {
        bool isDefect = refused.Code == ProblemCode.InternalError && request.Failures >= DefectsMax;
        if (refused.Status is 408 or 425 or 429 or >= 500 && !isDefect)
        {
            Retry(request, refused.Detail, refused.RetryAfter);
            return;
        }

        if (request.Kind == RequestKind.Settle)
        {
            _requests.Remove(request);
            RefuseResults(request, refused);
            return;
        }

        switch (refused.Code)
        {
            case Superseded:
                Break(refused);
                break;
            case SessionUnknown when request.Kind is RequestKind.Drain or RequestKind.Close:
                _requests.Remove(request);
                _mayBeOpen = false;
                break;
            case SessionUnknown:
                LoseSession(refused.Detail);
                break;
            case Draining:
                _requests.Remove(request);
                TakeDrainWish();
                break;
            case ProblemCode.Unauthorized or ProblemCode.Forbidden or ProblemCode.HostNotAllowed when _wasRegistered:
                Refuse(request, refused); // Keys are changed while agents run: this may pass.
                break;
            default:
                TakeOtherRefusal(request, refused);
                break;
        }
    }

    private void TakeOtherRefusal(AgentRequest request, AgentAnswer.Refused refused)
    {
        switch (request.Kind)
        {
            case RequestKind.Register when refused.Code != LimitExceeded:
                Break(refused);
                break;
            case RequestKind.Drain or RequestKind.Close:
                _requests.Remove(request);
                _mayBeOpen = false;
                break;
            default:
                Refuse(request, refused);
                break;
        }
    }

    /// <summary>The server said no and may say yes later.</summary>
    private void Refuse(AgentRequest request, AgentAnswer.Refused refused)
    {
        _output.Note(AgentEventKind.CallRefused, null, $"{request.Kind}: {refused.Code} {refused.Detail}");
        Retry(request, refused.Detail, refused.RetryAfter);
    }

    /// <summary>The attempt failed; whether the server acted on it is unknown. The next one repeats it.</summary>
    private void Retry(AgentRequest request, string detail, TimeSpan? retryAfter)
    {
        if (!_isDisconnected)
        {
            _isDisconnected = true;
            _output.Note(AgentEventKind.Disconnected, null, detail);
        }

        TimeSpan delay = Max(
            Backoff(++request.Failures), Min(retryAfter ?? TimeSpan.Zero, _options.BackoffMax));
        request.RetryAt = _now + delay;
        if (request.Kind == RequestKind.Beat)
        {
            _requests.Remove(request); // The next one names what is held then.
            PostponeBeat();
        }
        else if (request.Kind == RequestKind.Poll && IsStopping)
        {
            _requests.Remove(request);
        }
    }

    /// <summary>Half of the wait is random, so that agents do not come back in one wave.</summary>
    private TimeSpan Backoff(int failures)
    {
        double factor = Math.Pow(2, Math.Min(failures, 30) - 1);
        TimeSpan full = _options.BackoffFirst * factor;
        return Min(full, _options.BackoffMax) * (0.5 + (0.5 * _chance()));
    }

    /// <summary>The session is over at the server, and with it its leases. Results that were reached under it are still
    /// sent: the token decides.</summary>
    private void LoseSession(string detail)
    {
        _output.Note(AgentEventKind.SessionLost, null, detail);
        LoseLeases();
        Drop(RequestKind.Register);
        Drop(RequestKind.Poll);
        Drop(RequestKind.Beat);
        Drop(RequestKind.Drain);
        _isRegistered = false;
        _mayBeOpen = false;
        _session = _newSession();
        if (!IsStopping)
        {
            _requests.Add(new AgentRequest(RequestKind.Register, _session) { RetryAt = _now + Backoff(1) });
        }
    }

    private void LoseLeases()
    {
        foreach (AgentLease lease in _held.Values)
        {
            if (lease.Session != _session)
            {
                continue;
            }

            if (lease.Stage == LeaseStage.Running)
            {
                TakeAway(lease);
            }
            else if (lease.Stage is LeaseStage.Queued or LeaseStage.Unproven)
            {
                Forget(lease);
            }
        }
    }

    // The SDK knows the server by its contract only, so the codes of the domain that it acts on are written here.
    private const string Superseded = "agent-superseded";
    private const string SessionUnknown = "session-unknown";
    private const string Draining = "agent-draining";
    private const string LimitExceeded = "limit-exceeded";
}
