using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Elasticity.Contracts;
using Elasticity.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Elasticity.Api.Tests.Support;

/// <summary>The API over an engine, without a network.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private static readonly Lazy<Task<WebApplication>> Shared = new(() => AppAsync(EngineOfRequest.Proxy(), new()));

    private readonly WebApplication _app;
    private readonly string? _engineId;

    private ApiHost(WebApplication app, string? engineId)
    {
        _app = app;
        _engineId = engineId;
        Client = app.GetTestClient();
        if (engineId is not null)
        {
            Client.DefaultRequestHeaders.Add(EngineOfRequest.Header, engineId);
        }
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Without options, all tests share one server, because building thirty endpoints takes its time; each
    /// request says whose engine it wants.</summary>
    public static async Task<ApiHost> StartAsync(IElasticity engine, ApiOptions? options = null) => options is null
        ? new ApiHost(await Shared.Value, EngineOfRequest.Register(engine))
        : new ApiHost(await AppAsync(engine, options), null);

    private static async Task<WebApplication> AppAsync(IElasticity engine, ApiOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddRoutingCore();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddLogging(l => l.SetMinimumLevel(LogLevel.None));
        builder.Services.AddSingleton(engine);
        builder.Services.AddElasticityApi(options with { WatchInterval = TimeSpan.FromMilliseconds(1) });
        WebApplication app = builder.Build();
        EngineOfRequest.Accessor ??= app.Services.GetRequiredService<IHttpContextAccessor>();
        app.UseRouting();
        app.MapElasticityApi();
        await app.StartAsync();
        return app;
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

    public Task StopAsync() =>
        _engineId is null ? _app.StopAsync() : throw new InvalidOperationException("Others use this server too.");

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_engineId is null)
        {
            await _app.DisposeAsync();
        }
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
