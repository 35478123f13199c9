using Elasticity.Contracts;

namespace Elasticity.Agent.Sdk.Core;

/// <content>Asking for tasks, and starting them.</content>
public sealed partial class AgentCore
{
    /// <summary>Each measurement moves the estimate by so much of the difference.</summary>
    private const double Weight = 1.0 / 8;

    /// <summary>Nothing is leased while results of so many bytes wait to be sent.</summary>
    private const long ResultBytesMax = 32L * 1024 * 1024;

    private readonly Queue<AgentLease> _queue = new();
    private long _lastRequest;
    private double? _taskSeconds;
    private double? _callSeconds;
    private bool _isPrefetchHeld;
    private TimeSpan _pollNotBefore;
    private TimeSpan _shortestSeen = TimeSpan.MaxValue;

    private TimeSpan NextPollAt => _pollNotBefore > _now ? _pollNotBefore : TimeSpan.MaxValue;

    /// <summary>
    /// How many tasks to lease beyond the free slots: what the slots work off while two calls come and go. Slow tasks
    /// need none, and other agents shall have them; fast tasks on a slow network need many.
    /// </summary>
    private int Prefetch()
    {
        if (_isPrefetchHeld || _taskSeconds is not { } task || _callSeconds is not { } call)
        {
            return 0;
        }

        double wanted = 2 * _options.Slots * call / Math.Max(task, 1e-6);
        return (int)Math.Min(wanted, _options.PrefetchMax);
    }

    /// <summary>How many more tasks there is room for.</summary>
    private int Room(int prefetch)
    {
        int asked = 0;
        foreach (AgentRequest request in _requests)
        {
            asked += request.Asked;
        }

        return IsStopping || !_isRegistered || _resultBytes > ResultBytesMax
            ? 0
            : Math.Min(
                BatchMax,
                Math.Min(
                    _options.Slots + prefetch - RunningCount - WaitingCount - asked,
                    _options.LeasesMax - _held.Count - asked));
    }

    private LeaseTasks? Wish(int max, TimeSpan wait) => max <= 0 ? null : new LeaseTasks
    {
        RequestId = (++_lastRequest).ToString(System.Globalization.CultureInfo.InvariantCulture),
        Max = max,
        WaitSeconds = wait > TimeSpan.Zero ? wait.TotalSeconds : null,
    };

    /// <summary>A long poll for free slots that no call with results asks for. Never for more: what it brings may have
    /// been leased a while ago and must not wait again.</summary>
    private void SendPoll()
    {
        if (_pollNotBefore > _now || Has(RequestKind.Poll) || Room(0) is not (> 0 and int free))
        {
            return;
        }

        // A lease counts from the sending of the request that brought it, at the latest: a wait that is short against
        // the lease leaves most of it.
        TimeSpan wait = Min(_options.LongPoll, ShareOf(_shortestSeen, 2));
        Add(new AgentRequest(RequestKind.Poll, _session) { Wanted = Wish(free, wait) });
    }

    private void TakePolled(AgentRequest request, IReadOnlyList<LeasedTaskDocument> tasks)
    {
        TimeSpan took = _now - request.SentAt;
        if (tasks.Count == 0 && took.TotalSeconds < request.Wanted!.WaitSeconds / 2)
        {
            _pollNotBefore = _now + Backoff(1); // A server that does not wait must not be asked without end.
        }

        TakeLeases(request, tasks);
    }

    private void TakeLeases(AgentRequest request, IReadOnlyList<LeasedTaskDocument> tasks)
    {
        for (int i = 0; i < tasks.Count; i++)
        {
            // An earlier attempt may have been granted them.
            AgentLease lease = new(tasks[i], request.Session, request.FirstSentAt!.Value, _now);
            if (request.Session != _session || !_held.TryAdd(lease.Key, lease))
            {
                continue;
            }

            _stages[(int)LeaseStage.Queued]++;
            _shortestSeen = Min(_shortestSeen, lease.Length);
            _checkAt = Min(_checkAt, Min(lease.BeatDueAt, lease.ReceivedAt + (lease.Length / 3)));
            if (IsStopping)
            {
                GiveBack(lease);
            }
            else if (lease.LossAt <= _now)
            {
                SetStage(lease, LeaseStage.Unproven);
            }
            else
            {
                _queue.Enqueue(lease);
            }
        }
    }

    private void StartQueued()
    {
        while (RunningCount < _options.Slots && _queue.TryDequeue(out AgentLease? lease))
        {
            if (lease.Stage == LeaseStage.Queued)
            {
                SetStage(lease, LeaseStage.Running);
                lease.StartedAt = _now;
                _output.Start(lease);
            }
        }
    }

    private void TakeEnd(AgentLease lease, HandlerEnd end)
    {
        if (lease.Stage != LeaseStage.Running)
        {
            return; // It did not heed being stopped, and was given back without it.
        }

        if (lease.StopReason == StopReason.None)
        {
            Measure(ref _taskSeconds, _now - lease.StartedAt);
            _isPrefetchHeld = false;
        }

        if (ResultOf(lease, end) is { } result)
        {
            Settle(lease, result);
        }
        else
        {
            Forget(lease);
        }
    }

    private static TaskResultInput? ResultOf(AgentLease lease, HandlerEnd end) => (end, lease.StopReason) switch
    {
        _ when lease.IsTaken => null,

        // Nobody knows yet that the lease is over, and a server that was away gives grace: the token decides.
        (HandlerEnd.Succeeded e, _) => Result(lease, OutcomeWord.Succeeded, e.Result),
        (_, StopReason.Lost) => null,
        (HandlerEnd.Stopped or HandlerEnd.Failed { IsDeliberate: false }, StopReason.Draining) =>
            Result(lease, OutcomeWord.GivenBack),
        (HandlerEnd.Failed e, _) => Result(lease, OutcomeWord.Failed, e.Result, e.Failure),
        _ => Result(lease, OutcomeWord.Failed, failure: new FailureDocument
        {
            Code = "cancelled",
            Message = "The handler stopped when it was asked to.",
        }),
    };

    private static TaskResultInput Result(
        AgentLease lease, string outcome, RawJson result = default, FailureDocument? failure = null) => new()
        {
            Job = lease.Document.Job,
            Index = lease.Document.Index,
            Token = lease.Document.Token,
            Outcome = outcome,
            Result = result,
            Failure = failure,
        };

    private static void Measure(ref double? estimate, TimeSpan measured) =>
        estimate = estimate + ((measured.TotalSeconds - estimate) * Weight) ?? measured.TotalSeconds;

    /// <summary>Asks a handler to stop.</summary>
    private void Stop(AgentLease lease, StopReason reason)
    {
        lease.StopReason = reason;
        _output.Stop(lease);
    }

    /// <summary>The server says that a running lease is over.</summary>
    private void TakeAway(AgentLease lease)
    {
        if (!lease.IsTaken)
        {
            lease.IsTaken = true;
            _output.Note(AgentEventKind.LeaseTaken, lease, string.Empty);
            Stop(lease, StopReason.Lost);
        }
    }
}
