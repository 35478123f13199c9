using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator.Edge;

/// <summary>A question that goes through <c>src/Api</c>: what goes back is written there.</summary>
internal abstract class ApiExchange : Exchange
{
    /// <inheritdoc/>
    public sealed override object Write(CoreInput asked, object answer) => ApiServer.Write(asked, answer);

    /// <inheritdoc/>
    public override object Write(string code, string detail) => ApiServer.Problem(code, detail);
}
