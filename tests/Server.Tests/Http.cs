using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Elasticity.Server.Tests;

/// <summary>Talks to servers.</summary>
internal static class Http
{
    public static Task<ElasticityServer> StartAsync(ServerOptions options) =>
        ElasticityServer.StartAsync(options, b => b.Logging.ClearProviders());

    public static async Task<HttpClient> ReadyAsync(ElasticityServer server)
    {
        HttpClient client = new() { BaseAddress = new Uri(server.Addresses[0]) };
        await UntilAsync(async () => (await client.GetAsync("/readyz")).IsSuccessStatusCode);
        return client;
    }

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), late.Token);
        }
    }

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    public static async Task<JsonElement> JsonAsync(Task<HttpResponseMessage> sent, int status = 200)
    {
        using HttpResponseMessage response = await sent;
        string body = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {body}");
        return JsonElement.Parse(body);
    }
}
