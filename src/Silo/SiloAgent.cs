using Elasticity.Agent.Sdk;
using Elasticity.Domain;
using Elasticity.Engine;
using Microsoft.Extensions.DependencyInjection;

namespace Elasticity.Silo;

/// <summary>The agent that lives in a silo.</summary>
/// <param name="AddHandlers">Adds its handlers.</param>
/// <param name="Configure">Sets further options; null: none.</param>
internal sealed record SiloAgent(Action<AgentBuilder> AddHandlers, Action<AgentOptions>? Configure)
{
    /// <summary>Handlers may go on for this part of the time that a silo has to stop. Together with the other two it is
    /// less than what is left once load balancers have noticed and before the silo leaves its cluster.</summary>
    private const double DrainShare = 1.0 / 8;

    private const double CancelShare = 1.0 / 16;

    private const double CloseShare = 1.0 / 16;

    /// <summary>Adds it to a host.</summary>
    /// <param name="services">The services of the silo.</param>
    /// <param name="silo">The options of the silo.</param>
    public void AddTo(IServiceCollection services, SiloOptions silo) => AddHandlers(services.AddElasticityAgentInside(
        agent =>
        {
            agent.AgentId = IdOf(silo);
            agent.DrainTimeout = silo.StopTimeout * DrainShare;
            agent.CancelGrace = silo.StopTimeout * CancelShare;
            agent.CloseTimeout = silo.StopTimeout * CloseShare;
            agent.HandlesSecondSignal = false; // A silo stops in its own order.
            Configure?.Invoke(agent);
        },
        static (services, agent) => new InsideCalls(
            services.GetRequiredService<IElasticity>(), new AgentId(agent.AgentId))));

    /// <summary>The same after a restart, and another one for each silo.</summary>
    private static string IdOf(SiloOptions silo) => string.Concat(
        $"silo-{silo.Address}-{silo.SiloPort}".Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '-'));
}
