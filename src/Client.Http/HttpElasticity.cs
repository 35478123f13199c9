using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;

namespace Elasticity.Client.Http;

/// <summary>
/// Everything that can be asked of Elasticity, of a server over HTTP. What works against an engine in process works
/// against this, with these differences: who asks through HTTP never lives in the server's process, a lease that is
/// shown does not say by which request it was asked for, and a submit that was answered only at the second attempt may
/// be called known.
/// </summary>
/// <remarks>
/// Safe for concurrent use. A problem of the server becomes a <see cref="Rejection"/> with its code, or, where the
/// server cannot serve, <see cref="EngineUnavailableException"/> with its code; beyond those of the engine:
/// <c>server-unreachable</c>, <c>unauthorized</c>, <c>forbidden</c>, <c>host-not-allowed</c> and the other codes of
/// <see cref="ProblemCode"/>.
/// </remarks>
public sealed partial class HttpElasticity : IElasticity, IDisposable
{
    private readonly HttpElasticityOptions _options;
    private readonly Transport _transport;
    private readonly TimeProvider _time;

    /// <summary>Makes a client. Nothing is sent before the first call.</summary>
    /// <param name="options">Where the server is, and how to behave.</param>
    /// <param name="client">Sends the requests; its time-out should be infinite. Null: a client of its own.</param>
    /// <param name="time">The clocks; null means the system's.</param>
    /// <exception cref="ArgumentException">An address is not an absolute one of HTTP.</exception>
    public HttpElasticity(HttpElasticityOptions options, HttpClient? client = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (Uri server in options.OtherServers.Prepend(options.Server))
        {
            if (!ServerList.IsAddress(server))
            {
                throw new ArgumentException(
                    $"{nameof(options.Server)} is an address such as http://localhost:8080, not '{server}'.",
                    nameof(options));
            }
        }

        _options = options;
        _time = time ?? TimeProvider.System;
        _transport = new Transport(options, client, _time);
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    private Task<Answered<T>> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        _transport.SendAsync(HttpMethod.Get, path, null, type, TimeSpan.Zero, cancellationToken);

    private Task<Answered<T>> SendAsync<T>(
        HttpMethod method,
        string path,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken,
        string? key = null)
        where T : class =>
        _transport.SendAsync(method, path, null, type, TimeSpan.Zero, cancellationToken, key);

    private Task<Answered<T>> SendAsync<TBody, T>(
        HttpMethod method,
        string path,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken,
        TimeSpan wait = default)
        where T : class =>
        _transport.SendAsync(
            method, path, JsonSerializer.SerializeToUtf8Bytes(body, bodyType), type, wait, cancellationToken);

    /// <summary>A reply of the port.</summary>
    internal static Reply<TView> Reply<T, TView>(Answered<T> answered, Func<T, TView> map)
        where T : class
        where TView : class =>
        answered.Document is { } document ? map(document) : RejectionOf(answered);

    /// <summary>What the server refused.</summary>
    /// <exception cref="EngineUnavailableException">It did not refuse: it cannot serve.</exception>
    private static Rejection RejectionOf<T>(Answered<T> answered)
        where T : class
    {
        ProblemDocument problem = answered.Problem!;
        bool isNoRejection = problem.Status is 401 or 403 or 405 or 408 or 415 or 429 or >= 500
            || problem.Code is Transport.Unreachable or ProblemCode.NotFound;
        return isNoRejection
            ? throw new EngineUnavailableException(problem.Code, problem.Detail)
            : new Rejection(problem.Code, problem.Detail);
    }

    /// <summary>Ids that break the rules are not asked for: nothing has them.</summary>
    private static Rejection? WhyNoJob(JobId job) => Identifier.IsValid(job.Value)
        ? null
        : new Rejection(RejectionCode.JobUnknown, $"There is no job {job}.");

    /// <summary>Ids that break the rules are not asked for: nothing has them.</summary>
    private static Rejection? WhyNoSession(AgentId agent, SessionId session) =>
        Identifier.IsValid(agent.Value) && Identifier.IsValid(session.Value)
        ? null
        : new Rejection(RejectionCode.SessionUnknown, $"There is no session {session} of agent {agent}.");

    /// <summary>A document that is not refused by anything that the port knows.</summary>
    /// <exception cref="EngineUnavailableException">It was refused all the same.</exception>
    private static T Require<T>(Answered<T> answered)
        where T : class =>
        answered.Document ?? throw new EngineUnavailableException(answered.Problem!.Code, answered.Problem.Detail);
}
