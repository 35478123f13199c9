using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator.Actors;

/// <summary>Asks whichever engine answers, waits for a while, and tells apart what came of it. An answer that comes
/// after the patience was over, or a second time, goes nowhere.</summary>
internal sealed class Asker(Agenda agenda, Wire wire, IReadOnlyList<Host> engines, Chance chance)
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
        Action hangUp = wire.Ask(
            engines[_current],
            caller => input with { Caller = caller },
            a => Once(() => answer(a)),
            _ => Once(() =>
            {
                Turn();
                fail();
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
