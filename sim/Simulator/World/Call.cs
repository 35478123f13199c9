using Elasticity.Engine.Embedded.Core;

namespace Elasticity.Simulator.World;

/// <summary>A question to an engine. It is answered at most once, or fails.</summary>
internal sealed class Call(Func<object?, CoreInput> input, Action<object> answer, Action<string> fail)
{
    /// <summary>What is asked; its caller is this object.</summary>
    public CoreInput Input => field ??= input(this);

    /// <summary>When it reached an engine, true time.</summary>
    public TimeSpan AskedAt { get; set; }

    /// <summary>How many batches were durable then.</summary>
    public long AskedIn { get; set; }

    public bool IsOver { get; private set; }

    /// <summary>Gives the answer.</summary>
    public void Answer(object value)
    {
        if (!IsOver)
        {
            IsOver = true;
            answer(value);
        }
    }

    /// <summary>Says that there will be none.</summary>
    public void Fail(string code)
    {
        if (!IsOver)
        {
            IsOver = true;
            fail(code);
        }
    }
}
