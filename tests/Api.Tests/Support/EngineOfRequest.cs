using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Elasticity.Engine;
using Microsoft.AspNetCore.Http;

namespace Elasticity.Api.Tests.Support;

/// <summary>An engine that passes every call to the engine that the request names in a header.</summary>
public class EngineOfRequest : DispatchProxy
{
    public const string Header = "X-Test-Engine";

    private static readonly ConcurrentDictionary<string, IElasticity> Engines = new();
    private static int _last;

    public static IHttpContextAccessor? Accessor { get; set; }

    public static IElasticity Proxy() => Create<IElasticity, EngineOfRequest>();

    public static string Register(IElasticity engine)
    {
        string id = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);
        Engines[id] = engine;
        return id;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Invoke(
        Engines[Accessor!.HttpContext!.Request.Headers[Header].ToString()],
        BindingFlags.DoNotWrapExceptions,
        null,
        args,
        null);
}
