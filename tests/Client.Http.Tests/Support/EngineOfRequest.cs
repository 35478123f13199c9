using System.Collections.Concurrent;
using System.Reflection;
using Elasticity.Engine;
using Microsoft.AspNetCore.Http;

namespace Elasticity.Client.Http.Tests.Support;

/// <summary>An engine that passes every call to the engine that the request names in a header.</summary>
public class EngineOfRequest : DispatchProxy
{
    private const string Header = "X-Test-Engine";

    private static readonly ConcurrentDictionary<string, Func<IElasticity>> Engines = new();
    private static readonly ConcurrentDictionary<string, string> OnTheWay = new();

    public static IHttpContextAccessor? Accessor { get; set; }

    public static IElasticity Proxy() => Create<IElasticity, EngineOfRequest>();

    public static string Register(Func<IElasticity> engine)
    {
        string id = Guid.NewGuid().ToString("N");
        Engines[id] = engine;
        return id;
    }

    public static void Forget(string id) => Engines.TryRemove(id, out _);

    /// <summary>Waits until every request that was sent has reached the engine, or was answered without it. In process
    /// a call has, when its method returns.</summary>
    public static async Task ArrivalAsync(string id)
    {
        while (OnTheWay.Values.Contains(id))
        {
            await Task.Delay(1);
        }
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        string call = Accessor!.HttpContext!.Request.Headers[Header].ToString();
        string id = call[..call.IndexOf('/', StringComparison.Ordinal)];
        object? answer = targetMethod!.Invoke(Engines[id](), BindingFlags.DoNotWrapExceptions, null, args, null);
        OnTheWay.TryRemove(call, out _);
        return answer;
    }

    /// <summary>Says whose engine each request wants, and which request it is.</summary>
    internal sealed class Sender(string id, HttpMessageHandler server) : DelegatingHandler(server)
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string call = $"{id}/{Guid.NewGuid()}";
            request.Headers.Add(Header, call);
            OnTheWay[call] = id;
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            finally
            {
                OnTheWay.TryRemove(call, out _);
            }
        }
    }
}
