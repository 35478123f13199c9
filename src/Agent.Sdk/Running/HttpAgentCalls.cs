using System.Net.Http.Headers;
using Elasticity.Agent.Sdk.Core;
using Elasticity.Agent.Sdk.Hosting;
using Elasticity.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Elasticity.Agent.Sdk.Running;

/// <summary>Calls over HTTP. Heartbeats have a client, and so connections, of their own: they wait for nothing
/// else.</summary>
internal sealed class HttpAgentCalls : IAgentCalls
{
    private readonly HttpClient _client;
    private readonly HttpClient _heart;
    private readonly ServerList _servers;
    private readonly string _agent;
    private readonly AuthenticationHeaderValue? _key;

    public HttpAgentCalls(HttpClient client, HttpClient heart, AgentOptions options)
    {
        _client = client;
        _heart = heart;
        _servers = new ServerList(options.Server!, options.OtherServers);
        _agent = options.AgentId;
        _key = options.ApiKey is null ? null : new AuthenticationHeaderValue("Bearer", options.ApiKey);
    }

    /// <summary>How an agent of a host makes its calls.</summary>
    /// <param name="name">The name of its options.</param>
    public static Func<IServiceProvider, AgentOptions, IAgentCalls> Of(string name) => (services, options) =>
    {
        IHttpClientFactory clients = services.GetRequiredService<IHttpClientFactory>();
        return new HttpAgentCalls(
            clients.CreateClient(AgentClients.Main(name)), clients.CreateClient(AgentClients.Heart(name)), options);
    };

    /// <inheritdoc/>
    /// <remarks>What fails is tried again by whoever asked: then at the next server.</remarks>
    public async Task<AgentAnswer> SendAsync(AgentCall call, CancellationToken abort)
    {
        string server = _servers.Current;
        try
        {
            AgentAnswer answer = await SendAsync(server, call, abort).ConfigureAwait(false);
            if (answer is AgentAnswer.Refused { Status: >= 500 })
            {
                _servers.Leave(server);
            }

            return answer;
        }
        catch
        {
            _servers.Leave(server);
            throw;
        }
    }

    private async Task<AgentAnswer> SendAsync(string server, AgentCall call, CancellationToken abort)
    {
        using HttpRequestMessage request = new(
            AgentMessages.MethodOf(call), server + Routes.Of(AgentMessages.RouteOf(call), _agent, call.Session));
        request.Content = AgentMessages.BodyOf(call) is { } body ? Json(body) : null;
        request.Headers.Authorization = _key;
        HttpClient client = call is AgentCall.Heartbeat ? _heart : _client;
        using HttpResponseMessage response = await client.SendAsync(request, abort).ConfigureAwait(false);
        return response.IsSuccessStatusCode
            ? AgentMessages.Read(call, await response.Content.ReadAsByteArrayAsync(abort).ConfigureAwait(false))
            : await RefusalAsync(response, abort).ConfigureAwait(false);
    }

    private static ByteArrayContent Json(byte[] body) => new(body)
    {
        Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
    };

    private static async Task<AgentAnswer> RefusalAsync(HttpResponseMessage response, CancellationToken abort)
    {
        int status = (int)response.StatusCode;
        TimeSpan? retryAfter = response.Headers.RetryAfter?.Delta;
        if (response.Content.Headers.ContentType?.MediaType == ProblemDocument.MediaType)
        {
            byte[] message = await response.Content.ReadAsByteArrayAsync(abort).ConfigureAwait(false);
            return AgentMessages.ReadRefusal(status, message, retryAfter);
        }

        string what = $"HTTP {status} without a problem document from {response.RequestMessage?.RequestUri}: "
            + "is there an Elasticity server?";
        return new AgentAnswer.Refused(status, string.Empty, what, retryAfter);
    }
}
