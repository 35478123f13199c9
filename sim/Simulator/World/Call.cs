using System.Diagnostics;
using Elasticity.Api.Http;
using Elasticity.Engine.Embedded.Core;

namespace Elasticity.Simulator.World;

/// <summary>A question that has arrived at an engine. Something goes back at most once.</summary>
internal sealed class Call(Exchange exchange, Action<object> back)
{
    private CoreInput? _input;

    /// <summary>What is asked; its caller is this object.</summary>
    public CoreInput Input => _input ?? throw new UnreachableException("The call was not read.");

    /// <summary>When it reached an engine, true time.</summary>
    public TimeSpan AskedAt { get; set; }

    /// <summary>How many batches were durable then.</summary>
    public long AskedIn { get; set; }

    public bool IsOver { get; private set; }

    /// <summary>Reads what is asked.</summary>
    /// <returns>Why the edge refuses it; null when the engine is to be asked.</returns>
    public RefusedException? Read()
    {
        try
        {
            _input ??= exchange.Read(this);
            return null;
        }
        catch (RefusedException refused)
        {
            return refused;
        }
    }

    /// <summary>Says that the engine is not asked.</summary>
    public void Refuse(RefusedException refused) => Fail(refused.Code, refused.Message);

    /// <summary>Gives the answer.</summary>
    public void Answer(object value)
    {
        if (!IsOver)
        {
            IsOver = true;
            back(exchange.Write(Input, value));
        }
    }

    /// <summary>Says that there will be none.</summary>
    public void Fail(string code) => Fail(code, "The engine does not serve.");

    private void Fail(string code, string detail)
    {
        if (!IsOver)
        {
            IsOver = true;
            back(exchange.Write(code, detail));
        }
    }
}
