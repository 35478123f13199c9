using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.World;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>Whoever asks the embedded engine is answered while it serves; requests for tasks may wait, see
/// <see cref="WaitRules"/>. Where answers may wait for the store as well there is no bound.</summary>
internal sealed class ReplyRules(Agenda agenda, Plan plan)
{
    /// <summary>Streams are read, and a busy engine takes its steps.</summary>
    private readonly TimeSpan _patience = TimeSpan.FromSeconds(3) + plan.Engine.Core.TickInterval;

    private readonly List<(Call Call, Host Host, TimeSpan Life, TimeSpan AskedAt)> _open = [];

    /// <summary>An engine is asked.</summary>
    public void Asked(Host process, CoreInput input)
    {
        bool mayWait = Ledger.WishIn(input) is not null;
        if (plan.IsQuick && !mayWait && input.Caller is Call call)
        {
            _open.Add((call, process, process.ServingSince, agenda.Now));
        }
    }

    /// <summary>Looks, once a second, for somebody who waits in vain.</summary>
    public void Look()
    {
        _open.RemoveAll(o => o.Call.IsOver || !o.Host.IsServing || o.Host.ServingSince != o.Life);
        foreach ((Call call, Host host, _, TimeSpan askedAt) in _open)
        {
            TimeSpan since = askedAt > host.FrozenUntil ? askedAt : host.FrozenUntil;
            Require(
                agenda.Now - since <= _patience, "answers-come", host.Name,
                $"{Words.Of(call.Input)}: asked at {askedAt}, and not answered");
        }
    }
}
