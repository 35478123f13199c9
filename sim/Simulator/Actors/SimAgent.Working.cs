using System.Collections.Immutable;
using System.Globalization;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;

namespace Elasticity.Simulator.Actors;

/// <summary>What an agent does with its leases.</summary>
internal sealed partial class SimAgent
{
    /// <summary>How often the same results are sent again before the agent gives up.</summary>
    private const int SettleAttempts = 8;

    /// <summary>Begins anew if one of its tasks ends it; now and then it reports on them all the same.</summary>
    private bool DiesOf(ImmutableArray<LeasedTask> tasks)
    {
        if (!tasks.Any(t => _faults.IsAlways(Fault.TaskDeadly, t.Task.ToString())))
        {
            return false;
        }

        NewSession();
        if (_deaths.Is(0.3))
        {
            Settlement settlement = new Settlement.Succeeded(Payload.FromJson("\"from before\""));
            Settle([.. tasks.Select(t => new TaskResult(t.Task, t.Token, settlement))], attempts: 1);
        }

        return true;
    }

    private void Begin(ImmutableArray<LeasedTask> tasks)
    {
        foreach (LeasedTask leased in tasks)
        {
            Held held = new(leased.Task, leased.Token, leased.LeaseLength);
            if (!_held.TryAdd((held.Task, held.Token), held))
            {
                continue; // The request was repeated, and answered again.
            }

            TimeSpan work = _chance.Seconds(0, _plan.WorkMax.TotalSeconds);
            if (_faults.Is(Fault.LeaseForgotten, _chance))
            {
                _held.Remove((held.Task, held.Token));
                continue;
            }

            if (_faults.IsAlways(Fault.TaskPoisonous, held.Task.ToString()))
            {
                Later(held.LeaseLength / 2, () => held.IsForgotten = true);
                Later(held.LeaseLength * 2, () =>
                {
                    _held.Remove((held.Task, held.Token));
                    Poll();
                });
                continue;
            }

            if (_faults.Is(Fault.SettledLate, _chance))
            {
                held.IsForgotten = true;
                work = held.LeaseLength * (1 + (2 * _chance.Unit()));
            }

            Later(work, () => Finish(held, leased));
        }
    }

    private void Finish(Held held, LeasedTask leased)
    {
        if (!_held.ContainsKey((held.Task, held.Token)))
        {
            return; // Lost, or stopped, meanwhile.
        }

        Payload result = Payload.FromJson(string.Create(
            CultureInfo.InvariantCulture, $"{{\"did\":\"{held.Task}\",\"token\":{held.Token}}}"));
        Settlement settlement = _faults.Is(Fault.HandlerFailsFinally, _chance) ? Failed(isFinal: true)
            : _faults.Is(Fault.HandlerFails, _chance) ? Failed(isFinal: false)
            : new Settlement.Succeeded(leased.Payload.Length % 3 == 0 ? Payload.None : result);
        Report(held, settlement);

        Settlement Failed(bool isFinal) =>
            new Settlement.Failed(new Failure("broken", "The handler failed.", isFinal), result);
    }

    private void Report(Held held, Settlement settlement)
    {
        if (held.IsReported)
        {
            return;
        }

        held.IsReported = true;
        if (_faults.Is(Fault.TokenLie, _chance))
        {
            long near = held.Token + (_chance.Is(0.5) ? 1 : -1);
            long lie = _lies.Is(0.5) ? near : held.Token + (1L << 32); // The same in its lower half.
            Settle([new TaskResult(held.Task, lie, settlement)], attempts: 1);
        }

        Settle([new TaskResult(held.Task, held.Token, settlement)], SettleAttempts);
        if (_faults.Is(Fault.SettledTwice, _chance))
        {
            Settlement second = _chance.Is(0.5) ? settlement : new Settlement.Succeeded(Payload.FromJson("\"again\""));
            Later(_chance.Seconds(0, 10), () => Settle([new TaskResult(held.Task, held.Token, second)], attempts: 1));
        }
    }

    /// <summary>Sends results, again and again until they are answered; now and then asks for new tasks in the same
    /// call.</summary>
    private void Settle(ImmutableArray<TaskResult> results, int attempts)
    {
        LeaseRequest? wish = null;
        if (!_isPolling && !_isDraining && _isRegistered && _chance.Is(0.3))
        {
            _isPolling = true;
            wish = NewRequest(Math.Max(1, _offer.Slots - _held.Count), TimeSpan.Zero);
        }

        Send(attempts);

        void Send(int left) => Ask(
            new CoreInput.Settle(new SettleRequest(_id, _session, results, wish)),
            Patience,
            answer =>
            {
                SettleAnswer settled = ((Reply<SettleAnswer>)answer).Value!;
                Forget(results);
                if (wish is not null)
                {
                    _isPolling = false;
                    Begin(settled.Leased);
                    AfterLease(settled.LeaseRejection, TimeSpan.Zero);
                }

                Poll();
            },
            () => Later(_chance.Seconds(0.05, 2), () =>
            {
                if (left > 1)
                {
                    Send(left - 1);
                    return;
                }

                Forget(results);
                _isPolling &= wish is null;
                Poll();
            }));
    }

    private void Forget(ImmutableArray<TaskResult> results)
    {
        foreach (TaskResult result in results)
        {
            _held.Remove((result.Task, result.Token));
        }
    }
}
