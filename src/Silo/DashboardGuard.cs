using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Elasticity.Api;
using Microsoft.AspNetCore.Http;

namespace Elasticity.Silo;

/// <summary>The dashboard shows everything: with API keys it wants one that may administer, as the password of HTTP
/// Basic, which browsers ask for; without keys it answers only to this machine.</summary>
/// <param name="keys">The keys in force; null when there are none.</param>
internal sealed class DashboardGuard(IApiKeys? keys)
{
    /// <summary>Where the dashboard is.</summary>
    public const string Path = "/dashboard";

    /// <summary>Lets a request pass, or refuses it.</summary>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (!http.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase) || IsAllowed(http))
        {
            await next(http);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status403Forbidden;
        if (keys is not null)
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"Elasticity\", charset=\"UTF-8\"";
        }
    }

    private bool IsAllowed(HttpContext http) => keys is null
        ? http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
        : SecretOf(http.Request) is { } secret && keys.Find(secret) is { } key && key.Has(ApiRoles.Admin);

    private static string? SecretOf(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out AuthenticationHeaderValue? header)
            || header.Parameter is not { } parameter)
        {
            return null;
        }

        if (header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            return parameter;
        }

        Span<byte> bytes = stackalloc byte[1_024];
        if (!header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)
            || !Convert.TryFromBase64String(parameter, bytes, out int length))
        {
            return null;
        }

        string pair = Encoding.UTF8.GetString(bytes[..length]);
        return pair[(pair.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }
}
