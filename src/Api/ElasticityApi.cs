using Elasticity.Api.Http;
using Elasticity.Api.Inspection;
using Elasticity.Api.Jobs;
using Elasticity.Api.Work;
using Elasticity.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Elasticity.Api;

/// <summary>The HTTP API over whatever engine is registered as <see cref="IElasticity"/>.</summary>
public static class ElasticityApi
{
    /// <summary>Registers what the API needs. The host registers <see cref="IElasticity"/>.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">Limits and keys.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddElasticityApi(this IServiceCollection services, ApiOptions options) =>
        services.AddElasticityApi(_ => options);

    /// <summary>Registers what the API needs. The host registers <see cref="IElasticity"/>.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">Makes limits and keys, when the host is built.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddElasticityApi(
        this IServiceCollection services, Func<IServiceProvider, ApiOptions> options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<EdgeCounters>();
        services.AddSingleton<BodyBudget>();
        services.AddSingleton<EventStreams>();
        services.AddTransient<IStartupFilter, EdgeFilter>();
        return services;
    }

    /// <summary>Maps every endpoint, each behind its guard.</summary>
    /// <param name="routes">Where to map them.</param>
    /// <returns>All of them, for further conventions.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static IEndpointConventionBuilder MapElasticityApi(this IEndpointRouteBuilder routes)
    {
        IServiceProvider services = routes.ServiceProvider;
        IElasticity engine = services.GetRequiredService<IElasticity>();
        ApiOptions options = services.GetRequiredService<ApiOptions>();
        options.Validate();
        EdgeCounters counters = services.GetRequiredService<EdgeCounters>();
        TimeProvider time = services.GetRequiredService<TimeProvider>();
        RouteGroupBuilder group = routes.MapGroup(string.Empty);
        EndpointGuard.Protect(
            group, options, services.GetRequiredService<ILoggerFactory>().CreateLogger("Elasticity.Api"));

        new SubmitEndpoints(engine, options).Map(group);
        new JobEndpoints(engine, options).Map(group);
        new TaskEndpoints(engine, options).Map(group);
        new WorkEndpoints(engine, options, services.GetRequiredService<IHostApplicationLifetime>()).Map(group);
        new HistoryEndpoints(engine, options).Map(group);
        new WatchEndpoints(engine, options, services.GetRequiredService<EventStreams>()).Map(group);
        new StatusEndpoints(engine, options, time).Map(group);
        new MachineEndpoints(engine, options, counters, time).Map(group);
        return group;
    }
}
