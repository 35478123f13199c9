using Elasticity.Api;
using Elasticity.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Elasticity.Client.Http.Tests.Support;

/// <summary>An engine, the API over it, and the client over that. All tests share one server without a network, because
/// building its endpoints takes its time; each request says whose engine it wants.</summary>
internal sealed class ServedEngine : IDisposable
{
    private static readonly Lazy<Task<WebApplication>> Shared = new(AppAsync);

    private readonly string _id;
    private readonly HttpClient _http;

    private ServedEngine(
        WebApplication app, Func<IElasticity> engine, Func<HttpMessageHandler, DelegatingHandler>? edge)
    {
        _id = EngineOfRequest.Register(engine);
        HttpMessageHandler server = new EngineOfRequest.Sender(_id, app.GetTestServer().CreateHandler());
        _http = new HttpClient(edge?.Invoke(server) ?? server) { Timeout = Timeout.InfiniteTimeSpan };
        Client = new HttpElasticity(new HttpElasticityOptions { Server = new Uri("http://localhost/") }, _http);
    }

    public HttpElasticity Client { get; }

    /// <summary>Serves an engine.</summary>
    /// <param name="engine">The engine; asked for with each request, since a restart replaces it.</param>
    /// <param name="edge">What lies between client and server; null for nothing.</param>
    public static async Task<ServedEngine> StartAsync(
        Func<IElasticity> engine, Func<HttpMessageHandler, DelegatingHandler>? edge = null) =>
        new(await Shared.Value, engine, edge);

    /// <summary>Waits until every request that was sent has reached the engine.</summary>
    public Task ArrivalAsync() => EngineOfRequest.ArrivalAsync(_id);

    public void Dispose()
    {
        Client.Dispose();
        _http.Dispose();
        EngineOfRequest.Forget(_id);
    }

    private static async Task<WebApplication> AppAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddRoutingCore();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddLogging();
        builder.Services.AddSingleton(EngineOfRequest.Proxy());
        builder.Services.AddElasticityApi(new ApiOptions());
        WebApplication app = builder.Build();
        EngineOfRequest.Accessor = app.Services.GetRequiredService<IHttpContextAccessor>();
        app.UseRouting();
        app.MapElasticityApi();
        await app.StartAsync();
        return app;
    }
}
