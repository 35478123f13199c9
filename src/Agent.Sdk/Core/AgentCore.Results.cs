using Elasticity.Contracts;

namespace Elasticity.Agent.Sdk.Core;

/// <content>Sending results, together with the wish for new tasks.</content>
public sealed partial class AgentCore
{
    /// <summary>A call with results grows no further from so many bytes on.</summary>
    private const int BatchBytesMax = 1024 * 1024;

    private readonly Queue<AgentLease> _results = new();
    private readonly List<AgentLease> _batch = [];
    private long _resultBytes;

    private void Settle(AgentLease lease, TaskResultInput result)
    {
        _resultBytes -= BytesOf(lease);
        lease.Result = result;
        _resultBytes += BytesOf(lease);
        SetStage(lease, LeaseStage.Finished);
        _results.Enqueue(lease);
    }

    private void GiveBack(AgentLease lease) => Settle(lease, Result(lease, OutcomeWord.GivenBack));

    private static int BytesOf(AgentLease lease) => lease.Result?.Result.Utf8.Length ?? 0;

    /// <summary>Sends what there is as soon as a call is free. While none is, results gather: the slower the network,
    /// the larger the batches, without ever waiting on purpose.</summary>
    private void SendResults()
    {
        int free = _options.CallsMax;
        foreach (AgentRequest request in _requests)
        {
            free -= request.Kind == RequestKind.Settle ? 1 : 0;
        }

        while (free-- > 0 && TakeBatch())
        {
            string session = _batch[0].Session;
            Add(new AgentRequest(RequestKind.Settle, session)
            {
                Leases = [.. _batch],
                Wanted = session == _session ? Wish(Room(Prefetch()), TimeSpan.Zero) : null,
            });
        }
    }

    private bool TakeBatch()
    {
        _batch.Clear();
        int bytes = 0;
        while (_batch.Count < BatchMax && bytes < BatchBytesMax && _results.TryPeek(out AgentLease? lease))
        {
            bool fits = _batch.Count == 0
                || (!lease.IsAlone && !_batch[0].IsAlone && lease.Session == _batch[0].Session);
            if (!fits)
            {
                break;
            }

            _batch.Add(_results.Dequeue());
            bytes += BytesOf(lease);
        }

        return _batch.Count > 0;
    }

    private static SettleTasks BodyOfSettle(AgentRequest request)
    {
        TaskResultInput[] results = new TaskResultInput[request.Leases.Length];
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = request.Leases[i].Result!;
        }

        return new SettleTasks { Results = results, Lease = request.Wanted };
    }

    private void TakeVerdicts(AgentRequest request, SettleAnswerDocument answer)
    {
        if (request.Asked > 0 && request.FirstSentAt == request.SentAt)
        {
            Measure(ref _callSeconds, _now - request.SentAt);
        }

        foreach (RefusedResultDocument refused in answer.Refused)
        {
            if (refused.Position >= 0 && refused.Position < request.Leases.Length)
            {
                TakeVerdict(request.Leases[refused.Position], refused);
            }
        }

        foreach (AgentLease lease in request.Leases)
        {
            // One whose result was refused for its form has a new result and is sent again.
            if (!lease.IsResent)
            {
                Forget(lease);
            }

            lease.IsResent = false;
        }

        TakeLeases(request, answer.Tasks);
        if (answer.LeaseRejection is { } rejection && request.Session == _session)
        {
            TakeLeaseRejection(rejection);
        }
    }

    private void TakeVerdict(AgentLease lease, RefusedResultDocument refused)
    {
        if (refused.Code == LimitExceeded && Replace(lease, refused.Code, refused.Detail))
        {
            return;
        }

        _output.Note(AgentEventKind.ResultRefused, lease, $"{refused.Code}: {refused.Detail}");
    }

    private void TakeLeaseRejection(RejectionDocument rejection)
    {
        switch (rejection.Code)
        {
            case Superseded:
                Break(new AgentAnswer.Refused(409, rejection.Code, rejection.Detail));
                break;
            case SessionUnknown:
                LoseSession(rejection.Detail);
                break;
            case Draining:
                TakeDrainWish();
                break;
            default:
                _pollNotBefore = _now + Backoff(1);
                _output.Note(AgentEventKind.CallRefused, null, $"{rejection.Code} {rejection.Detail}");
                break;
        }
    }

    /// <summary>The server refused a whole call with results: each goes alone, and one that is refused alone becomes a
    /// failure that says so.</summary>
    private void RefuseResults(AgentRequest request, AgentAnswer.Refused refused)
    {
        foreach (AgentLease lease in request.Leases)
        {
            if (request.Leases.Length > 1)
            {
                lease.IsAlone = true;
                _results.Enqueue(lease);
            }
            else if (!Replace(lease, refused.Code, refused.Detail))
            {
                _output.Note(AgentEventKind.ResultRefused, lease, $"{refused.Code}: {refused.Detail}");
                Forget(lease);
            }

            lease.IsResent = false;
        }
    }

    /// <returns>False when there is nothing to replace any more.</returns>
    private bool Replace(AgentLease lease, string code, string detail)
    {
        if (lease.IsReplaced || lease.Result!.Outcome == OutcomeWord.GivenBack)
        {
            return false;
        }

        _output.Note(AgentEventKind.ResultRefused, lease, $"{code}: {detail}");
        lease.IsReplaced = true;
        lease.IsResent = true;
        Settle(lease, Result(lease, OutcomeWord.Failed, failure: new FailureDocument
        {
            Code = "result-refused",
            Message = $"The server refused the result ({code}): {detail}",
        }));
        return true;
    }
}
