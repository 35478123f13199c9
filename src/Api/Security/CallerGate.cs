using Elasticity.Api.Http;
using Elasticity.Contracts;
using Microsoft.AspNetCore.Http;

namespace Elasticity.Api.Security;

/// <summary>Who asks.</summary>
/// <param name="Name">The name of the key; empty where no keys are used.</param>
internal sealed record Caller(string Name)
{
    public static Caller Nobody { get; } = new(string.Empty);

    public static Caller Of(HttpContext http) => http.Features.Get<Caller>() ?? Nobody;
}

/// <summary>Lets in who has the role.</summary>
internal static class CallerGate
{
    private const string Scheme = "Bearer ";

    /// <summary>Checks the key of a request.</summary>
    /// <exception cref="RefusedException"><c>unauthorized</c>, <c>forbidden</c>.</exception>
    public static void Check(HttpContext http, IApiKeys? keys, ApiRoles role)
    {
        if (keys is null or { IsOpen: true } || role == ApiRoles.None)
        {
            return;
        }

        string? header = http.Request.Headers.Authorization;
        if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw new RefusedException(ProblemCode.Unauthorized, "Send 'Authorization: Bearer elk_…'.");
        }

        ApiKey key = keys.Find(header[Scheme.Length..].Trim())
            ?? throw new RefusedException(ProblemCode.Unauthorized, "Nobody knows this API key.");
        if (!key.Has(role))
        {
            throw new RefusedException(
                ProblemCode.Forbidden,
                $"The key '{key.Name}' has the roles {string.Join(", ", ApiKeys.WordsOf(key.Roles))}; "
                    + $"this needs {ApiKeys.WordsOf(role)[0]}.");
        }

        http.Features.Set(new Caller(key.Name));
    }
}
