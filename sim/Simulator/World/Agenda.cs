namespace Elasticity.Simulator.World;

/// <summary>Virtual time: what will happen and when. Things due at the same instant happen in the order in which they
/// were entered.</summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _entries = new();
    private long _order;

    /// <summary>The true time since the beginning of the world. Nobody in the world sees it; they have
    /// clocks.</summary>
    public TimeSpan Now { get; private set; }

    public long StepCount { get; private set; }

    public void At(TimeSpan when, Action what) => _entries.Enqueue(what, (when > Now ? when : Now, _order++));

    public void After(TimeSpan delay, Action what) => At(Now + delay, what);

    /// <summary>Does what is due until a time, or until something holds.</summary>
    public void RunUntil(TimeSpan end, Func<bool> isEnough)
    {
        while (_entries.TryPeek(out _, out (TimeSpan At, long Order) next) && next.At <= end)
        {
            Action what = _entries.Dequeue();
            Now = next.At;
            StepCount++;
            what();
            if (isEnough())
            {
                return;
            }
        }

        Now = end;
    }
}
