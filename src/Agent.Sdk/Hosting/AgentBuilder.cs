using System.Text.Json.Serialization.Metadata;
using Elasticity.Agent.Sdk.Handlers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Elasticity.Agent.Sdk;

/// <summary>Adds handlers to an agent. One kind has one handler.</summary>
public sealed class AgentBuilder
{
    private readonly HandlerTable _handlers;
    private readonly IReadOnlyList<IHttpClientBuilder> _clients;

    internal AgentBuilder(IServiceCollection services, HandlerTable handlers, IReadOnlyList<IHttpClientBuilder> clients)
    {
        Services = services;
        _handlers = handlers;
        _clients = clients;
    }

    /// <summary>The services that the agent is part of.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The name under which its <see cref="AgentOptions"/> are configured.</summary>
    public string Name => _handlers.Name;

    /// <summary>Adds a function as the handler of a kind.</summary>
    /// <typeparam name="TPayload">What payloads are read as; <see cref="Contracts.RawJson"/> is the payload
    /// itself.</typeparam>
    /// <typeparam name="TResult">What results are written from; <see cref="Contracts.RawJson"/> is the result
    /// itself.</typeparam>
    /// <param name="kind">1 to 64 of <c>[A-Za-z0-9._-]</c>.</param>
    /// <param name="handler">See <see cref="ITaskHandler{T, R}.ExecuteAsync"/>.</param>
    /// <param name="payloadType">How payloads are read; null means by <see cref="AgentOptions.Json"/>.</param>
    /// <param name="resultType">How results are written; null means by <see cref="AgentOptions.Json"/>.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The kind is not allowed, or has a handler already.</exception>
    public AgentBuilder AddHandler<TPayload, TResult>(
        string kind,
        Func<TPayload, TaskContext, CancellationToken, Task<TResult>> handler,
        JsonTypeInfo<TPayload>? payloadType = null,
        JsonTypeInfo<TResult>? resultType = null)
    {
        _handlers.Add(kind, HandlerTable.Of(handler, payloadType, resultType));
        return this;
    }

    /// <summary>Adds a function without a result as the handler of a kind.</summary>
    /// <typeparam name="TPayload">What payloads are read as; <see cref="Contracts.RawJson"/> is the payload
    /// itself.</typeparam>
    /// <param name="kind">1 to 64 of <c>[A-Za-z0-9._-]</c>.</param>
    /// <param name="handler">See <see cref="ITaskHandler{T}.ExecuteAsync"/>.</param>
    /// <param name="payloadType">How payloads are read; null means by <see cref="AgentOptions.Json"/>.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The kind is not allowed, or has a handler already.</exception>
    public AgentBuilder AddHandler<TPayload>(
        string kind,
        Func<TPayload, TaskContext, CancellationToken, Task> handler,
        JsonTypeInfo<TPayload>? payloadType = null)
    {
        _handlers.Add(kind, HandlerTable.Of(handler, payloadType));
        return this;
    }

    /// <summary>Adds a class as the handler of a kind. It is registered as scoped, unless it is registered
    /// already.</summary>
    /// <typeparam name="THandler">Implements <see cref="ITaskHandler{T, R}"/> or <see cref="ITaskHandler{T}"/>, one of
    /// them, once.</typeparam>
    /// <param name="kind">1 to 64 of <c>[A-Za-z0-9._-]</c>.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The kind is not allowed or has a handler already, or the class is no
    /// handler.</exception>
    public AgentBuilder AddHandler<THandler>(string kind)
        where THandler : class
    {
        _handlers.Add(kind, HandlerTable.OfClass(typeof(THandler)));
        Services.TryAddScoped<THandler>();
        return this;
    }

    /// <summary>Configures the HTTP clients of the agent: proxies, certificates, handlers for tests. Called for two:
    /// one is for heartbeats alone.</summary>
    /// <param name="configure">What to do with each.</param>
    /// <returns>This builder.</returns>
    public AgentBuilder ConfigureHttpClients(Action<IHttpClientBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        foreach (IHttpClientBuilder client in _clients)
        {
            configure(client);
        }

        return this;
    }
}
