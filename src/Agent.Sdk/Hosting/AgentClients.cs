using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Elasticity.Agent.Sdk.Hosting;

/// <summary>The HTTP clients of an agent.</summary>
internal static class AgentClients
{
    /// <summary>1,000 payloads of the default limit fit twice.</summary>
    private const long AnswerBytesMax = 512L * 1024 * 1024;

    public static string Main(string agent) => $"Elasticity.Agent/{agent}";

    public static string Heart(string agent) => $"Elasticity.Agent.Heartbeat/{agent}";

    /// <summary>Adds a client. Connections live long, but not so long that a changed address goes unnoticed.</summary>
    public static IHttpClientBuilder Add(IServiceCollection services, string name) => services
        .AddHttpClient(name, static client =>
        {
            client.Timeout = Timeout.InfiniteTimeSpan; // The core minds the time.
            client.MaxResponseContentBufferSize = AnswerBytesMax;
        })
        .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // It would carry the API key elsewhere.
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
        })
        .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
        .RemoveAllLoggers(); // A line for each long poll tells nobody anything.
}
