using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Elasticity.Web.Tests;

/// <summary>The pages alone, without a network and without an API.</summary>
internal sealed class WebHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebHost(WebApplication app)
    {
        _app = app;
        Client = app.GetTestClient(); // Follows no redirects.
    }

    public HttpClient Client { get; }

    public static async Task<WebHost> StartAsync(string? pathBase = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddRoutingCore();
        WebApplication app = builder.Build();
        app.UsePathBase(pathBase);
        app.UseRouting();
        app.MapElasticityWeb();
        await app.StartAsync();
        return new WebHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
