using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
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

    public Task<AgentAnswer> SendAsync(AgentCall call, CancellationToken abort) => call switch
    {
        AgentCall.Register c =>
            SendAsync(call, HttpMethod.Put, Routes.Session, Json(c.Body, ContractsJson.Default.RegisterAgent), abort),
        AgentCall.Lease c => SendAsync(
            call, HttpMethod.Post, Routes.SessionLease, Json(c.Body, ContractsJson.Default.LeaseTasks), abort),
        AgentCall.Settle c => SendAsync(
            call, HttpMethod.Post, Routes.SessionSettle, Json(c.Body, ContractsJson.Default.SettleTasks), abort),
        AgentCall.Heartbeat c => SendAsync(
            call, HttpMethod.Post, Routes.SessionHeartbeat, Json(c.Body, ContractsJson.Default.SendHeartbeat), abort),
        AgentCall.Drain => SendAsync(call, HttpMethod.Post, Routes.SessionDrain, null, abort),
        _ => SendAsync(call, HttpMethod.Delete, Routes.Session, null, abort),
    };

    private static ByteArrayContent Json<T>(T body, JsonTypeInfo<T> type) =>
        new(JsonSerializer.SerializeToUtf8Bytes(body, type))
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
        };

    /// <summary>What fails is tried again by whoever asked: then at the next server.</summary>
    private async Task<AgentAnswer> SendAsync(
        AgentCall call, HttpMethod method, string route, HttpContent? body, CancellationToken abort)
    {
        string server = _servers.Current;
        try
        {
            AgentAnswer answer = await SendAsync(server, call, method, route, body, abort).ConfigureAwait(false);
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

    private async Task<AgentAnswer> SendAsync(
        string server, AgentCall call, HttpMethod method, string route, HttpContent? body, CancellationToken abort)
    {
        using HttpRequestMessage request = new(method, server + Routes.Of(route, _agent, call.Session));
        request.Content = body;
        request.Headers.Authorization = _key;
        HttpClient client = call is AgentCall.Heartbeat ? _heart : _client;
        using HttpResponseMessage response = await client.SendAsync(request, abort).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            return await RefusalAsync(response, abort).ConfigureAwait(false);
        }

        return call switch
        {
            AgentCall.Lease => new AgentAnswer.Leased(
                (await ReadAsync(response, ContractsJson.Tolerant.LeasedTasks, abort).ConfigureAwait(false)).Tasks),
            AgentCall.Settle => new AgentAnswer.Settled(
                await ReadAsync(response, ContractsJson.Tolerant.SettleAnswerDocument, abort).ConfigureAwait(false)),
            AgentCall.Heartbeat => new AgentAnswer.Beaten(
                await ReadAsync(response, ContractsJson.Tolerant.HeartbeatAnswerDocument, abort).ConfigureAwait(false)),
            _ => new AgentAnswer.Done(),
        };
    }

    private static async Task<T> ReadAsync<T>(
        HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken abort)
        where T : class
    {
        byte[] body = await response.Content.ReadAsByteArrayAsync(abort).ConfigureAwait(false);
        return ContractsJson.Read(body, type) ?? throw new JsonException("The answer is null.");
    }

    private static async Task<AgentAnswer> RefusalAsync(HttpResponseMessage response, CancellationToken abort)
    {
        int status = (int)response.StatusCode;
        TimeSpan? retryAfter = response.Headers.RetryAfter?.Delta;
        if (response.Content.Headers.ContentType?.MediaType == ProblemDocument.MediaType)
        {
            ProblemDocument problem =
                await ReadAsync(response, ContractsJson.Tolerant.ProblemDocument, abort).ConfigureAwait(false);
            return new AgentAnswer.Refused(status, problem.Code, problem.Detail, retryAfter);
        }

        string what = $"HTTP {status} without a problem document from {response.RequestMessage?.RequestUri}: "
            + "is there an Elasticity server?";
        return new AgentAnswer.Refused(status, string.Empty, what, retryAfter);
    }
}
