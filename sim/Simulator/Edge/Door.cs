using Elasticity.Engine.Embedded.Core;
using Elasticity.Simulator.World;

namespace Elasticity.Simulator.Edge;

/// <summary>How somebody outside asks: through the HTTP API. Now and then it first writes its question badly.</summary>
internal sealed class Door(string name, Agenda agenda, FaultBox faults, Plan plan)
{
    // Chance and wire are its own: a world is the same with it and without.
    private readonly Chance _chance = faults.ChanceOf($"door/{name}");
    private readonly Wire _blunders = new(agenda, faults, $"door/{name}", isLocal: false);
    private readonly ApiServer _server = new(plan.Engine.Core.Limits);

    /// <summary>The exchange for a question to an engine.</summary>
    public Exchange To(Host engine, CoreInput input)
    {
        if (faults.IsTried(Fault.RequestBroken, _chance)
            && DamagedExchange.Of(input, _server, _chance) is { } damaged)
        {
            faults.Count(Fault.RequestBroken);
            _blunders.Ask(engine, damaged, _ => { });
        }

        return new HttpExchange(input, _server);
    }
}
