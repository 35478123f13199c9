using Elasticity.Api.Http;
using Elasticity.Engine.Embedded.Core;

namespace Elasticity.Simulator.World;

/// <summary>One question to an engine and its answer, in the forms in which they travel. The question is read where it
/// arrives, each time that it does; the answer is written where it leaves, and read by whoever asked.</summary>
internal abstract class Exchange
{
    /// <summary>Reads the question, where the engine is.</summary>
    /// <param name="caller">Where the answer goes.</param>
    /// <exception cref="RefusedException">The edge refuses it: the engine is not asked.</exception>
    public abstract CoreInput Read(object? caller);

    /// <summary>Writes an answer, where the engine is.</summary>
    /// <param name="asked">The question as it was read.</param>
    /// <param name="answer">The engine's answer.</param>
    public virtual object Write(CoreInput asked, object answer) => answer;

    /// <summary>Writes that there is no answer, where the engine is.</summary>
    public virtual object Write(string code, string detail) => new Failed(code);

    /// <summary>Reads what came back, where somebody asked.</summary>
    /// <returns>The answer, or <see cref="Failed"/>.</returns>
    public virtual object Understand(object back) => back;

    /// <summary>In one process: nothing is written down on the way.</summary>
    internal sealed class Direct(CoreInput input) : Exchange
    {
        public override CoreInput Read(object? caller) => input with { Caller = caller };
    }
}

/// <summary>There is no answer, and whether anything was done is not known.</summary>
/// <param name="Code">Why.</param>
internal sealed record Failed(string Code)
{
    /// <summary>Nothing listens there.</summary>
    public static Failed NoConnection { get; } = new("connection-refused");
}
