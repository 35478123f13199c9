using Elasticity.Agent.Sdk;
using Elasticity.Agent.Sdk.Handlers;
using Elasticity.Agent.Sdk.Hosting;
using Elasticity.Agent.Sdk.Running;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds agents to a host.</summary>
public static class AgentServiceCollectionExtensions
{
    /// <summary>Adds an agent, which runs for as long as the host runs.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Sets the options; at least <see cref="AgentOptions.Server"/>. Null when they are
    /// configured elsewhere, by <c>services.Configure&lt;AgentOptions&gt;(…)</c>.</param>
    /// <returns>For adding handlers: an agent needs at least one.</returns>
    /// <exception cref="ArgumentException">There is such an agent already: give the second one a name.</exception>
    public static AgentBuilder AddElasticityAgent(
        this IServiceCollection services, Action<AgentOptions>? configure = null) =>
        services.AddElasticityAgent(Options.Options.DefaultName, configure);

    /// <summary>Adds one of several agents in one process, each with its own options and handlers.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="name">The name of its options; not the agent's id, which must differ too.</param>
    /// <param name="configure">Sets the options; null when they are configured elsewhere.</param>
    /// <returns>For adding handlers: an agent needs at least one.</returns>
    /// <exception cref="ArgumentException">There is an agent of this name already.</exception>
    public static AgentBuilder AddElasticityAgent(
        this IServiceCollection services, string name, Action<AgentOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        HandlerTable handlers = services.AddAgent(name, configure, calls: null);
        return new AgentBuilder(
            services,
            handlers,
            [
                AgentClients.Add(services, AgentClients.Main(name)),
                AgentClients.Add(services, AgentClients.Heart(name)),
            ]);
    }

    /// <summary>Adds an agent that lives in the process of its engine.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Sets the options; <see cref="AgentOptions.Server"/> must not be set.</param>
    /// <param name="calls">Makes the way to the engine.</param>
    /// <returns>For adding handlers: an agent needs at least one.</returns>
    /// <exception cref="ArgumentException">There is such an agent already.</exception>
    internal static AgentBuilder AddElasticityAgentInside(
        this IServiceCollection services,
        Action<AgentOptions> configure,
        Func<IServiceProvider, AgentOptions, IAgentCalls> calls) =>
        new(services, services.AddAgent(Options.Options.DefaultName, configure, calls), []);

    private static HandlerTable AddAgent(
        this IServiceCollection services,
        string name,
        Action<AgentOptions>? configure,
        Func<IServiceProvider, AgentOptions, IAgentCalls>? calls)
    {
        if (services.Any(s => !s.IsKeyedService && s.ImplementationInstance is HandlerTable t && t.Name == name))
        {
            throw new ArgumentException($"There is an agent named '{name}' already: name this one.", nameof(name));
        }

        HandlerTable handlers = new(name);
        services.AddSingleton(handlers);
        services.AddSingleton<IValidateOptions<AgentOptions>>(
            new AgentOptionsValidator(handlers, isInside: calls is not null));
        OptionsBuilder<AgentOptions> options = services.AddOptions<AgentOptions>(name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.AddLogging();
        services.AddSingleton<IHostedService>(
            provider => new AgentService(provider, handlers, calls ?? HttpAgentCalls.Of(handlers.Name)));
        return handlers;
    }
}
