using System.Net;
using Microsoft.AspNetCore.Http;

namespace Elasticity.Api.Security;

/// <summary>
/// Guards a server without keys against web pages. A page may send requests to <c>localhost</c>, and after DNS
/// rebinding it may read the answers under its own name; then <c>Host</c> or <c>Origin</c> give it away.
/// </summary>
internal static class HostGate
{
    /// <summary>Why a request is not answered; null when it is.</summary>
    public static string? Problem(HttpRequest request)
    {
        string host = request.Host.Host;
        if (!IsLoopback(host))
        {
            return $"The server has no API keys and answers to localhost, not to '{host}'.";
        }

        string? origin = request.Headers.Origin;
        return string.IsNullOrEmpty(origin) || origin == $"{request.Scheme}://{request.Host}"
            ? null
            : $"The server has no API keys and does not answer to pages of '{origin}'.";
    }

    /// <summary>Whether a name means this machine, whoever is asked.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
