using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Elasticity.Contracts;
using Elasticity.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Elasticity.Api.Tests.Support;

/// <summary>The API over an engine, without a network.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiHost(WebApplication app)
    {
        _app = app;
        Client = app.GetTestClient();
    }

    public HttpClient Client { get; }

    public TestServer Server => _app.GetTestServer();

    public IServiceProvider Services => _app.Services;

    public static async Task<ApiHost> StartAsync(IElasticity engine, ApiOptions? options = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(l => l.SetMinimumLevel(LogLevel.None));
        builder.Services.AddSingleton(engine);
        builder.Services.AddElasticityApi(options ?? new ApiOptions { WatchInterval = TimeSpan.FromMilliseconds(1) });
        WebApplication app = builder.Build();
        app.UseRouting();
        app.MapElasticityApi();
        await app.StartAsync();
        return new ApiHost(app);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => Client.GetAsync(path);

    public Task<HttpResponseMessage> PostAsync(string path, string? json = null) =>
        SendAsync(HttpMethod.Post, path, json);

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(method, path);
        if (json is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>What tests ask of answers.</summary>
internal static class Answer
{
    public static async Task<JsonElement> JsonAsync(this Task<HttpResponseMessage> sent, int status = 200)
    {
        using HttpResponseMessage response = await sent;
        string body = await response.Content.ReadAsStringAsync();
        Xunit.Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {body}");
        Xunit.Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        return JsonElement.Parse(body);
    }

    public static async Task<ProblemDocument> ProblemAsync(
        this Task<HttpResponseMessage> sent, int status, string code)
    {
        using HttpResponseMessage response = await sent;
        string body = await response.Content.ReadAsStringAsync();
        Xunit.Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {body}");
        Xunit.Assert.Equal(ProblemDocument.MediaType, response.Content.Headers.ContentType?.ToString());
        ProblemDocument problem = JsonSerializer.Deserialize(body, ContractsJson.Default.ProblemDocument)!;
        Xunit.Assert.Equal(code, problem.Code);
        Xunit.Assert.Equal("/problems/" + code, problem.Type);
        Xunit.Assert.Equal(status, problem.Status);
        Xunit.Assert.NotEmpty(problem.Detail);
        return problem;
    }
}
