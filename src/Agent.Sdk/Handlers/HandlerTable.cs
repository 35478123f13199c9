using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Elasticity.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Elasticity.Agent.Sdk.Handlers;

/// <summary>Executes a task.</summary>
/// <param name="context">The execution.</param>
/// <param name="json">How payloads are read and results written, where the handler did not bring its own.</param>
/// <returns>The result; may be none.</returns>
internal delegate Task<RawJson> TaskInvoker(TaskContext context, JsonSerializerOptions json);

/// <summary>The handlers of one agent, by kind.</summary>
internal sealed class HandlerTable(string name)
{
    private readonly Dictionary<string, TaskInvoker> _invokers = new(StringComparer.Ordinal);

    /// <summary>The agent's name among the agents of the process.</summary>
    public string Name => name;

    public IReadOnlyList<string> Kinds => [.. _invokers.Keys];

    public TaskInvoker? Find(string kind) => _invokers.GetValueOrDefault(kind);

    public void Add(string kind, TaskInvoker invoker)
    {
        if (!AgentNames.IsValid(kind, AgentNames.KindLengthMax))
        {
            throw new ArgumentException(
                $"A kind is 1 to {AgentNames.KindLengthMax} of [A-Za-z0-9._-], not '{kind}'.", nameof(kind));
        }

        if (!_invokers.TryAdd(kind, invoker))
        {
            throw new ArgumentException($"The kind '{kind}' has a handler already.", nameof(kind));
        }
    }

    /// <summary>An invoker for a function with a result.</summary>
    public static TaskInvoker Of<TPayload, TResult>(
        Func<TPayload, TaskContext, CancellationToken, Task<TResult>> handler,
        JsonTypeInfo<TPayload>? payloadType,
        JsonTypeInfo<TResult>? resultType) =>
        async (context, json) =>
        {
            TPayload payload = Read(context, payloadType, json);
            TResult result = await handler(payload, context, context.CancellationToken).ConfigureAwait(false);
            return Write(result, resultType, json);
        };

    /// <summary>An invoker for a function without a result.</summary>
    public static TaskInvoker Of<TPayload>(
        Func<TPayload, TaskContext, CancellationToken, Task> handler, JsonTypeInfo<TPayload>? payloadType) =>
        async (context, json) =>
        {
            TPayload payload = Read(context, payloadType, json);
            await handler(payload, context, context.CancellationToken).ConfigureAwait(false);
            return default;
        };

    /// <summary>An invoker for a class that implements one of the handler interfaces.</summary>
    public static TaskInvoker OfClass(Type handler)
    {
        Type[] contracts =
        [
            .. handler.GetInterfaces().Where(i => i.IsGenericType && (
                i.GetGenericTypeDefinition() == typeof(ITaskHandler<,>)
                || i.GetGenericTypeDefinition() == typeof(ITaskHandler<>))),
        ];
        if (contracts is not [Type contract])
        {
            throw new ArgumentException(
                $"{handler} implements {contracts.Length} of ITaskHandler<TPayload, TResult> and "
                + "ITaskHandler<TPayload>; a handler implements exactly one.",
                nameof(handler));
        }

        Type[] types = contract.GetGenericArguments();
        string factory = types.Length == 2 ? nameof(WithResult) : nameof(WithoutResult);
        MethodInfo method = typeof(HandlerTable).GetMethod(factory, BindingFlags.NonPublic | BindingFlags.Static)!;
        return (TaskInvoker)method.MakeGenericMethod(types).Invoke(null, [handler])!;
    }

    private static TaskInvoker WithResult<TPayload, TResult>(Type handler) => Of<TPayload, TResult>(
        (payload, context, stop) => ((ITaskHandler<TPayload, TResult>)context.Services.GetRequiredService(handler))
            .ExecuteAsync(payload, context, stop),
        null,
        null);

    private static TaskInvoker WithoutResult<TPayload>(Type handler) => Of<TPayload>(
        (payload, context, stop) => ((ITaskHandler<TPayload>)context.Services.GetRequiredService(handler))
            .ExecuteAsync(payload, context, stop),
        null);

    private static T Read<T>(TaskContext context, JsonTypeInfo<T>? type, JsonSerializerOptions json)
    {
        if (typeof(T) == typeof(RawJson))
        {
            return (T)(object)context.Payload;
        }

        try
        {
            return context.Payload.To(type ?? (JsonTypeInfo<T>)json.GetTypeInfo(typeof(T)))!;
        }
        catch (JsonException exception)
        {
            throw new TaskFailedException(
                "payload-invalid",
                $"The payload cannot be read as {typeof(T).Name}: {exception.Message}",
                isFinal: true,
                exception);
        }
    }

    private static RawJson Write<T>(T result, JsonTypeInfo<T>? type, JsonSerializerOptions json) => result switch
    {
        null => default,
        RawJson raw => raw,
        _ => RawJson.From(result, type ?? (JsonTypeInfo<T>)json.GetTypeInfo(typeof(T))),
    };
}
