using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Elasticity.Contracts;
using Elasticity.Engine;

namespace Elasticity.Client.Http;

/// <summary>Sends requests, and sends them again where that may help.</summary>
internal sealed class Transport : IDisposable
{
    /// <summary>The server could not be reached, or what answered is no Elasticity server.</summary>
    public const string Unreachable = "server-unreachable";

    private readonly HttpClient _client;
    private readonly bool _ownsClient;
    private readonly HttpElasticityOptions _options;
    private readonly TimeProvider _time;
    private readonly ServerList _servers;
    private readonly AuthenticationHeaderValue? _key;

    public Transport(HttpElasticityOptions options, HttpClient? client, TimeProvider time)
    {
        _options = options;
        _client = client ?? NewClient();
        _ownsClient = client is null;
        _time = time;
        _servers = new ServerList(options.Server, options.OtherServers);
        _key = options.ApiKey is null ? null : new AuthenticationHeaderValue("Bearer", options.ApiKey);
    }

    /// <summary>Sends a request until it is answered or the budget is spent.</summary>
    /// <typeparam name="T">What the server answers.</typeparam>
    /// <param name="method">The method.</param>
    /// <param name="path">The path, with the query.</param>
    /// <param name="body">What to send; null for nothing.</param>
    /// <param name="type">How the answer is read.</param>
    /// <param name="wait">How long the server may take on purpose.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <param name="key">The <c>Idempotency-Key</c>, the same for every attempt; null for none.</param>
    /// <returns>The answer, or the problem.</returns>
    /// <exception cref="EngineUnavailableException">There is neither.</exception>
    public async Task<Answered<T>> SendAsync<T>(
        HttpMethod method,
        string path,
        byte[]? body,
        JsonTypeInfo<T> type,
        TimeSpan wait,
        CancellationToken cancellationToken,
        string? key = null)
        where T : class
    {
        long start = _time.GetTimestamp();
        for (int attempt = 1; ; attempt++)
        {
            Failure failure;
            string server = _servers.Current;
            try
            {
                using CancellationTokenSource patience = new(_options.CallTimeout + wait, _time);
                using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
                    cancellationToken, patience.Token);
                Answered<T> answered = await SendOnceAsync(method, server + path, body, type, key, either.Token)
                    .ConfigureAwait(false);
                if (answered.Problem is not { } problem || !IsTransient(problem))
                {
                    return answered;
                }

                failure = new Failure(
                    problem.Code, problem.Detail, null, answered.RetryAfter, IsOfServer: problem.Status >= 500);
            }
            catch (Exception e) when (
                !cancellationToken.IsCancellationRequested && e is HttpRequestException or IOException or JsonException)
            {
                string cause = e.GetBaseException().Message;
                failure = new Failure(Unreachable, $"{server} cannot be used: {cause}", e, null);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                failure = new Failure(Unreachable, $"{server} did not answer in time.", e, null);
            }

            if (failure.IsOfServer)
            {
                _servers.Leave(server);
            }

            // One that hangs may take longer than the budget; the others have not been asked yet.
            bool isAnotherUnasked =
                failure.IsOfServer && attempt < _servers.Count && _options.RetryBudget > TimeSpan.Zero;
            TimeSpan delay = Delay(attempt, failure.RetryAfter);
            if (!isAnotherUnasked && _time.GetElapsedTime(start) + delay > _options.RetryBudget)
            {
                throw new EngineUnavailableException(failure.Code, failure.Detail, failure.Cause);
            }

            await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        if (_ownsClient)
        {
            _client.Dispose();
        }
    }

    private async Task<Answered<T>> SendOnceAsync<T>(
        HttpMethod method,
        string address,
        byte[]? body,
        JsonTypeInfo<T> type,
        string? key,
        CancellationToken cancellationToken)
        where T : class
    {
        using HttpRequestMessage request = new(method, address);
        request.Headers.Authorization = _key;
        if (key is not null)
        {
            request.Headers.Add(HeaderName.IdempotencyKey, key);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        using HttpResponseMessage response =
            await _client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        byte[] message = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            T document = ContractsJson.Read(message, type) ?? throw new JsonException("the answer is null");
            return new Answered<T>(document, null, (int)response.StatusCode, null);
        }

        return new Answered<T>(
            null, ProblemOf(response, message), (int)response.StatusCode, response.Headers.RetryAfter?.Delta);
    }

    private static ProblemDocument ProblemOf(HttpResponseMessage response, byte[] message)
    {
        if (response.Content.Headers.ContentType?.MediaType == ProblemDocument.MediaType)
        {
            return ContractsJson.Read(message, ContractsJson.Tolerant.ProblemDocument)
                ?? throw new JsonException("the problem is null");
        }

        return new ProblemDocument
        {
            Type = string.Empty,
            Title = string.Empty,
            Status = (int)response.StatusCode,
            Code = Unreachable,
            Detail = $"{response.RequestMessage?.RequestUri} answered {(int)response.StatusCode} without a problem: "
                + "is there an Elasticity server?",
        };
    }

    private static bool IsTransient(ProblemDocument problem) =>
        problem.Status is 408 or 425 or 429 or >= 500 && problem.Code != ProblemCode.InternalError;

    private TimeSpan Delay(int attempt, TimeSpan? retryAfter)
    {
        TimeSpan full = _options.BackoffFirst * Math.Pow(2, Math.Min(attempt, 30) - 1);
        full = full < _options.BackoffMax ? full : _options.BackoffMax;
#pragma warning disable CA5394 // jitter, not a secret
        TimeSpan delay = full * (0.5 + (0.5 * Random.Shared.NextDouble()));
#pragma warning restore CA5394
        TimeSpan asked = retryAfter < _options.BackoffMax ? retryAfter.Value : _options.BackoffMax;
        return retryAfter is null || delay > asked ? delay : asked;
    }

#pragma warning disable CA2000 // the client disposes of its handler
    private static HttpClient NewClient() => new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // It would carry the API key elsewhere.
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
        },
        disposeHandler: true)
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };
#pragma warning restore CA2000

    /// <summary>Why an attempt failed.</summary>
    /// <param name="Code">The code.</param>
    /// <param name="Detail">For a human.</param>
    /// <param name="Cause">What was thrown; null for a problem.</param>
    /// <param name="RetryAfter">When it is worth trying again; null where the server does not say.</param>
    /// <param name="IsOfServer">Whether another server may do better.</param>
    private sealed record Failure(
        string Code, string Detail, Exception? Cause, TimeSpan? RetryAfter, bool IsOfServer = true);
}

/// <summary>An answer of the server: a document or a problem.</summary>
/// <typeparam name="T">The document.</typeparam>
/// <param name="Document">The document; null for a problem.</param>
/// <param name="Problem">The problem; null for a document.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="RetryAfter">When it is worth trying again; null where the server does not say.</param>
internal sealed record Answered<T>(T? Document, ProblemDocument? Problem, int Status, TimeSpan? RetryAfter)
    where T : class;
