using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.Edge;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator.Actors;

/// <summary>Asks whichever engine answers, waits for a while, and tells apart what came of it. An answer that comes
/// after the patience was over, or a second time, goes nowhere.</summary>
/// <param name="agenda">The time.</param>
/// <param name="wire">Between it and the engines.</param>
/// <param name="engines">Whom it may ask.</param>
/// <param name="chance">Its own.</param>
/// <param name="door">The API; null for somebody who asks the port itself: in the engine's process, or through Orleans.
/// </param>
internal sealed class Asker(Agenda agenda, Wire wire, IReadOnlyList<Host> engines, Chance chance, Door? door)
{
    private int _current;

    /// <summary>Asks.</summary>
    /// <param name="input">What.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="answer">What to do with the answer.</param>
    /// <param name="fail">What to do when there is none.</param>
    public void Ask(CoreInput input, TimeSpan patience, Action<object> answer, Action fail)
    {
        bool isOver = false;
        Host engine = engines[_current];
        Exchange exchange = door?.To(engine, input) ?? new Exchange.Direct(input);
        Action hangUp = wire.Ask(engine, exchange, back => Once(() =>
        {
            object understood = exchange.Understand(back);
            if (understood is Failed)
            {
                Turn();
                fail();
            }
            else
            {
                answer(understood);
            }
        }));
        agenda.After(patience, () =>
        {
            if (!isOver)
            {
                hangUp();
                Once(() =>
                {
                    Turn();
                    fail();
                });
            }
        });

        void Once(Action what)
        {
            if (!isOver)
            {
                isOver = true;
                what();
            }
        }

        void Turn() => _current = chance.Int(0, engines.Count - 1);
    }
}
