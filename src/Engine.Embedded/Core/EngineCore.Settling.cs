using Elasticity.Domain;
using Elasticity.Domain.Tasks;

namespace Elasticity.Engine.Embedded.Core;

public sealed partial class EngineCore
{
    private void TakeSettle(CoreInput.Settle input)
    {
        SettleRequest request = input.Request;
        if (request.Results.Length > SettleRequest.ResultsMax)
        {
            _batch.Answer(input.Caller, (Reply<SettleAnswer>)new Rejection(
                RejectionCode.LimitExceeded,
                $"One call has at most {SettleRequest.ResultsMax} results, not {request.Results.Length}."));
            return;
        }

        if (_agents.TryGetValue(request.Agent, out LiveAgent? agent) && agent.State.IsLive(request.Session))
        {
            agent.SeenAt = _now.Monotonic;
        }

        Rejection?[] verdicts = new Rejection?[request.Results.Length];
        int missing = verdicts.Length;
        if (missing == 0)
        {
            FinishSettle(input, verdicts);
        }

        for (int i = 0; i < verdicts.Length; i++)
        {
            int place = i;
            SettleOne(input, request.Results[i], verdict =>
            {
                verdicts[place] = verdict;
                if (--missing == 0)
                {
                    FinishSettle(input, verdicts);
                }
            });
        }
    }

    private void SettleOne(CoreInput.Settle input, TaskResult result, Action<Rejection?> done)
    {
        if ((result.Settlement.Problem(_options.Limits) ?? ReservedProblem(result.Task.Job)) is { } problem)
        {
            done(problem);
            return;
        }

        WithTask(result.Task, task =>
        {
            _metadata = input.Metadata;
            if (task.State.Phase == TaskPhase.Untouched && task.Head.Version == 0)
            {
                done(new Rejection(
                    RejectionCode.LeaseLost, $"Task {result.Task} was never leased, or there is no such task."));
                return;
            }

            Rejection? rejection = Apply(
                task,
                new TaskCommand.Settle(
                    _now.Utc,
                    input.Request.Holder,
                    result.Token,
                    result.Settlement.Within(_options.Limits),
                    _chance()));
            Counters.Settled += rejection is null ? 1 : 0;
            Counters.Refused += rejection is null ? 0 : 1;
            done(rejection);
        });
    }

    private void FinishSettle(CoreInput.Settle input, Rejection?[] verdicts)
    {
        SettleAnswer answer = new([.. verdicts], [], null);
        if (input.Request.Lease is not { } lease)
        {
            _batch.Answer(input.Caller, (Reply<SettleAnswer>)answer);
            return;
        }

        WithAgent(lease.Agent, agent =>
        {
            if (Problem(agent, lease) is { } problem)
            {
                _batch.Answer(input.Caller, (Reply<SettleAnswer>)(answer with { LeaseRejection = problem }));
                return;
            }

            Await(new WaitingLease(lease, input.Caller, input.Metadata, _now.Monotonic) { Settled = answer });
        });
    }
}
