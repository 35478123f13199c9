using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.World;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>Who asks the embedded engine for tasks waits as long as they wanted, and is refused only when as many wait
/// as may.</summary>
internal sealed class WaitRules(Agenda agenda, Plan plan)
{
    /// <summary>Loading chunks and stepping takes a moment.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Longer than any question is under way.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(10);

    private readonly List<Wait> _waits = [];

    /// <summary>An engine is asked for tasks.</summary>
    public void Asked(Host process, CoreInput input)
    {
        if (Ledger.WishIn(input) is not null)
        {
            _waits.RemoveAll(w => w.OverAt < agenda.Now - Forgotten);
            _waits.Add(new Wait((Call)input.Caller!, process, process.ServingSince));
        }
    }

    /// <summary>A question was answered.</summary>
    public void Over(Call call, object answer)
    {
        if (_waits.Find(w => w.Call == call) is not { } wait)
        {
            return;
        }

        if (call.Input is CoreInput.Lease { Request: var request }
            && answer is Reply<LeaseGrant> { Value.Tasks.IsEmpty: true } && !IsRepeated(call, request))
        {
            CheckLength(wait, request);
        }

        wait.OverAt = agenda.Now;
    }

    /// <summary>A request that is refused because too many wait: as many did, at some time since it was
    /// asked.</summary>
    public void CheckRefusal(Call call, Rejection? rejection)
    {
        if (rejection?.Code != RejectionCode.LimitExceeded || _waits.Find(w => w.Call == call) is not { } refused)
        {
            return;
        }

        int waited = _waits.Count(w => w != refused && w.Host == refused.Host && w.Life == refused.Life
            && !(w.OverAt < call.AskedAt));
        Require(
            waited >= plan.Engine.Core.WaitingRequestsMax, "refused-with-reason", refused.Host.Name,
            $"{Words.Of(call.Input)}: limit-exceeded, and {waited} waited");
    }

    /// <summary>Who is given nothing has waited for as long as they wanted, and not much longer.</summary>
    private void CheckLength(Wait wait, LeaseRequest request)
    {
        double drift = plan.RateOf(Fault.ClockDrifts);
        TimeSpan waited = agenda.Now - wait.Call.AskedAt;
        Require(
            waited >= request.Wait / (1 + drift), "waits-as-asked", request.RequestId,
            $"given nothing after {waited}, wanted to wait {request.Wait}");
        Require(
            waited <= (request.Wait / (1 - drift)) + Patience + plan.Engine.Core.TickInterval || !plan.IsQuick
            || wait.Host.FrozenUntil > wait.Call.AskedAt,
            "waits-as-asked", request.RequestId, $"given nothing after {waited}, wanted to wait {request.Wait}");
    }

    /// <summary>One that asks again takes the place of the call before.</summary>
    private bool IsRepeated(Call call, LeaseRequest request) => _waits.Exists(
        w => w.Call != call && w.Call.Input is CoreInput.Lease { Request: var other }
            && other.Holder == request.Holder && other.RequestId == request.RequestId);

    /// <summary>A request for tasks, and when it was answered.</summary>
    private sealed record Wait(Call Call, Host Host, TimeSpan Life)
    {
        public TimeSpan? OverAt { get; set; }
    }
}
