namespace Elasticity.Simulator.World;

/// <summary>Between somebody and an engine: requests and answers are lost, late, doubled, and overtake each
/// other.</summary>
internal sealed class Wire(Agenda agenda, FaultBox faults, string name, bool isLocal)
{
    private readonly Chance _chance = faults.ChanceOf($"wire/{name}");

    /// <summary>Asks an engine. Something comes back never, once or more than once.</summary>
    /// <param name="engine">Whom.</param>
    /// <param name="exchange">What.</param>
    /// <param name="back">What to do with what comes back; <see cref="Exchange.Understand"/> reads it.</param>
    /// <returns>Hangs up: the engine may notice that nobody waits any more.</returns>
    public Action Ask(Host engine, Exchange exchange, Action<object> back)
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
            foreach (Call call in calls.Where(_ => _chance.Is(0.5)).Where(c => c.Read() is null))
            {
                engine.HangUp(call);
            }
        };

        void Send()
        {
            Call call = new(exchange, a => Back(() => back(a)));
            calls.Add(call);
            agenda.After(Delay(Fault.RequestDelayed), () =>
            {
                if (!engine.Ask(call))
                {
                    Back(() => back(Failed.NoConnection));
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
