using Elasticity.Engine.Embedded.Core;

namespace Elasticity.Simulator.World;

/// <summary>Between somebody and an engine: requests and answers are lost, late, doubled, and overtake each
/// other.</summary>
internal sealed class Wire(Agenda agenda, FaultBox faults, string name, bool isLocal)
{
    private readonly Chance _chance = faults.ChanceOf($"wire/{name}");

    /// <summary>Asks an engine. The answer comes never, once or more than once.</summary>
    /// <returns>Hangs up: the engine may notice that nobody waits any more.</returns>
    public Action Ask(
        Host engine, Func<object?, CoreInput> input, Action<object> answer, Action<string> fail)
    {
        List<Call> calls = [];
        if (isLocal || !faults.Is(Fault.RequestLost, _chance))
        {
            Send();
            if (!isLocal && faults.Is(Fault.RequestTwice, _chance))
            {
                Send();
            }
        }

        return () =>
        {
            foreach (Call call in calls.Where(_ => _chance.Is(0.5)))
            {
                engine.HangUp(call);
            }
        };

        void Send()
        {
            Call call = new(input, a => Back(() => answer(a)), code => Back(() => fail(code)));
            calls.Add(call);
            agenda.After(Delay(Fault.RequestDelayed), () =>
            {
                if (!engine.Ask(call))
                {
                    Back(() => fail("connection-refused"));
                }
            });
        }
    }

    private void Back(Action deliver)
    {
        if (!isLocal && faults.Is(Fault.AnswerLost, _chance))
        {
            return;
        }

        agenda.After(Delay(Fault.AnswerDelayed), deliver);
        if (!isLocal && faults.Is(Fault.AnswerTwice, _chance))
        {
            agenda.After(Delay(Fault.AnswerDelayed), deliver);
        }
    }

    private TimeSpan Delay(Fault fault) => isLocal
        ? _chance.Seconds(0, 0.0005)
        : faults.Is(fault, _chance) ? _chance.Seconds(0.05, 15) : _chance.Seconds(0.0002, 0.01);
}
