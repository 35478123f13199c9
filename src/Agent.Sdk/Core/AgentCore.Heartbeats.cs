using Elasticity.Contracts;

namespace Elasticity.Agent.Sdk.Core;

/// <content>Keeping leases alive, and noticing when they are not.</content>
public sealed partial class AgentCore
{
    private const int ProgressLengthMax = 256;

    /// <summary>A server so near that a heartbeat takes less is all there is.</summary>
    private static readonly TimeSpan BeatTimeoutMin = TimeSpan.FromMilliseconds(100);

    private readonly List<AgentLease> _named = [];

    /// <summary>When to look at the leases again; never later than the first of them wants.</summary>
    private TimeSpan _checkAt = TimeSpan.MaxValue;
    private TimeSpan _beatDueAt = TimeSpan.MaxValue;
    private TimeSpan _beatNotBefore;
    private TimeSpan _beatFailedAt;
    private TimeSpan _lastBeatAt;
    private TimeSpan _shortestHeld = TimeSpan.MaxValue;
    private int _beatFailures;
    private bool _hasProgress;

    private TimeSpan BeatTimeout => Max(BeatTimeoutMin, Min(_options.CallTimeout, ShareOf(_shortestHeld, 3)));

    /// <summary>The longest wait before a heartbeat that failed is sent again.</summary>
    private TimeSpan RetryShare => ShareOf(_shortestHeld, 8);

    private TimeSpan BeatWantedAt => Min(
        _beatDueAt, _hasProgress ? _lastBeatAt + _options.ProgressInterval : TimeSpan.MaxValue);

    private TimeSpan NextBeatAt => _isRegistered && !Has(RequestKind.Beat) && BeatWantedAt < TimeSpan.MaxValue
        ? Max(BeatWantedAt, _beatNotBefore)
        : TimeSpan.MaxValue;

    /// <summary>Looks at the deadlines of all leases, when the first of them may be due.</summary>
    private void CheckLeases()
    {
        if (_now < _checkAt)
        {
            return;
        }

        _checkAt = _beatDueAt = _shortestHeld = TimeSpan.MaxValue;
        foreach (AgentLease lease in _held.Values)
        {
            switch (lease.Stage)
            {
                case LeaseStage.Queued:
                    CheckQueued(lease);
                    break;
                case LeaseStage.Running when lease.StopReason == StopReason.Lost:
                    break;
                case LeaseStage.Running when lease.LossAt <= _now:
                    CheckUnconfirmed(lease);
                    break;
                case LeaseStage.Running:
                    _checkAt = Min(_checkAt, lease.LossAt);
                    CheckBeat(lease);
                    break;
                default:
                    CheckBeat(lease);
                    break;
            }
        }

        if (_shortestHeld < TimeSpan.MaxValue)
        {
            HurryBeat();
        }
    }

    /// <summary>A heartbeat that is under way was given as much time as the leases of then allow, and one that failed
    /// is sent again after a share of those: a shorter one may have come since, and is not named before
    /// that.</summary>
    private void HurryBeat()
    {
        _beatNotBefore = Min(_beatNotBefore, _beatFailedAt + RetryShare);
        if (_beatDueAt <= _now && Find(RequestKind.Beat) is { } beat)
        {
            beat.TimeoutAt = Min(beat.TimeoutAt, beat.SentAt + BeatTimeout);
        }
    }

    /// <summary>
    /// A lease that waited for a slot for a third of its length goes back, to whoever has a slot. It is not extended:
    /// if another task then killed this process, this one would count as confirmed and then silent, as if it were
    /// poison too.
    /// </summary>
    private void CheckQueued(AgentLease lease)
    {
        TimeSpan staleAt = Min(lease.ReceivedAt + (lease.Length / 3), lease.LossAt);
        if (_now < staleAt)
        {
            _checkAt = Min(_checkAt, staleAt);
            return;
        }

        _isPrefetchHeld = true;
        _output.Note(AgentEventKind.PrefetchGivenBack, lease, string.Empty);
        GiveBack(lease);
    }

    /// <summary>Nobody can tell here whether the server is away, or gave the task to another agent.</summary>
    private void CheckUnconfirmed(AgentLease lease)
    {
        if (!lease.IsUnconfirmed)
        {
            lease.IsUnconfirmed = true;
            _output.Note(AgentEventKind.LeaseUnconfirmed, lease, string.Empty);
        }

        if (_options.StopsWhenUnconfirmed)
        {
            Stop(lease, StopReason.Lost);
        }
        else
        {
            CheckBeat(lease); // The server says that it is lost, or that it is not.
        }
    }

    private void CheckBeat(AgentLease lease)
    {
        if (!IsKept(lease))
        {
            return;
        }

        _beatDueAt = Min(_beatDueAt, lease.BeatDueAt);
        _shortestHeld = Min(_shortestHeld, lease.Length);
        if (lease.BeatDueAt > _now)
        {
            _checkAt = Min(_checkAt, lease.BeatDueAt);
        }
    }

    private void SendBeat()
    {
        if (_now < BeatWantedAt || _now < _beatNotBefore || Has(RequestKind.Beat))
        {
            return;
        }

        _named.Clear();
        foreach (AgentLease lease in _held.Values)
        {
            if (IsKept(lease))
            {
                _named.Add(lease);
            }
        }

        _hasProgress = false;
        if (_named.Count == 0)
        {
            _beatDueAt = TimeSpan.MaxValue; // What was due has ended since, and wakes nobody any more.
            return;
        }

        _lastBeatAt = _now;
        string?[] progress = new string?[_named.Count];
        for (int i = 0; i < progress.Length; i++)
        {
            progress[i] = _named[i].Progress;
            _named[i].IsNamed = true;
        }

        Add(new AgentRequest(RequestKind.Beat, _session) { Leases = [.. _named], Progress = progress });
    }

    /// <summary>Whether heartbeats name it. One that was named, and then is not until it runs out, counts against its
    /// task, also when it is to be given back.</summary>
    private bool IsKept(AgentLease lease) => lease.Session == _session && lease.Stage switch
    {
        LeaseStage.Unproven => true,
        LeaseStage.Running => lease.StopReason != StopReason.Lost,
        LeaseStage.Finished => lease.IsNamed || lease.Result!.Outcome != OutcomeWord.GivenBack,
        _ => false,
    };

    private static SendHeartbeat BodyOfBeat(AgentRequest request)
    {
        HeldLeaseDocument[] leases = new HeldLeaseDocument[request.Leases.Length];
        for (int i = 0; i < leases.Length; i++)
        {
            LeasedTaskDocument task = request.Leases[i].Document;
            leases[i] = new HeldLeaseDocument
            {
                Job = task.Job,
                Index = task.Index,
                Token = task.Token,
                Progress = request.Progress[i],
            };
        }

        return new SendHeartbeat { Leases = leases };
    }

    private void TakeBeaten(AgentRequest request, HeartbeatAnswerDocument answer)
    {
        _beatFailures = 0;
        _checkAt = _now;
        for (int i = 0; i < request.Leases.Length; i++)
        {
            AgentLease lease = request.Leases[i];
            lease.ConfirmedAt = Max(lease.ConfirmedAt, request.SentAt);
            lease.IsUnconfirmed = false;
            if (ReferenceEquals(lease.Progress, request.Progress[i]))
            {
                lease.Progress = null;
            }
        }

        foreach (LeaseNameDocument name in answer.Lost)
        {
            TakeLost(name);
        }

        foreach (LeaseNameDocument name in answer.CancelRequested)
        {
            TakeCancel(name);
        }

        foreach (AgentLease lease in request.Leases)
        {
            if (lease.Stage == LeaseStage.Unproven && lease.LossAt > _now)
            {
                SetStage(lease, LeaseStage.Queued);
                lease.ReceivedAt = _now;
                _queue.Enqueue(lease);
            }
        }

        if (answer.IsDraining)
        {
            TakeDrainWish();
        }
    }

    private void TakeLost(LeaseNameDocument name)
    {
        if (!_held.TryGetValue(new LeaseKey(name.Job, name.Index, name.Token), out AgentLease? lease))
        {
            return;
        }

        switch (lease.Stage)
        {
            case LeaseStage.Running:
                TakeAway(lease);
                break;
            case LeaseStage.Unproven:
                Forget(lease);
                break;
            default:
                break; // Its result overtook the heartbeat, or its verdict will tell.
        }
    }

    private void TakeCancel(LeaseNameDocument name)
    {
        if (!_held.TryGetValue(new LeaseKey(name.Job, name.Index, name.Token), out AgentLease? lease))
        {
            return;
        }

        if (lease.Stage == LeaseStage.Running && lease.StopReason == StopReason.None)
        {
            Stop(lease, StopReason.Cancelled);
        }
        else if (lease.Stage == LeaseStage.Unproven)
        {
            GiveBack(lease); // Never started: given back, it ends as cancelled.
        }
    }

    private void TakeProgress(AgentLease lease, string text)
    {
        if (lease.Stage == LeaseStage.Running && lease.StopReason != StopReason.Lost)
        {
            lease.Progress = Texts.Showable(text, ProgressLengthMax);
            _hasProgress = true;
        }
    }

    /// <summary>A heartbeat failed. The wait is short against the leases, however long the server has been
    /// away.</summary>
    private void PostponeBeat()
    {
        TimeSpan delay = Backoff(++_beatFailures);
        _beatFailedAt = _now;
        _beatNotBefore = _now + Min(delay, RetryShare);
        foreach (AgentLease lease in _held.Values)
        {
            _hasProgress |= lease.Progress is not null;
        }
    }
}
