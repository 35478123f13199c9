using System.Security.Cryptography;
using System.Text;
using Elasticity.Api.Security;
using Elasticity.Contracts;
using Microsoft.AspNetCore.Http;

namespace Elasticity.Api.Http;

/// <summary>The <c>Idempotency-Key</c> of a request. It is not stored: an id that is made from it is.</summary>
internal static class IdempotencyKey
{
    private const int LengthMax = 256;

    /// <summary>An id that is the same whenever the caller sends the same key.</summary>
    /// <returns>The id; null when there is no key.</returns>
    /// <exception cref="RefusedException"><c>invalid</c>: the key is none.</exception>
    public static string? IdOf(HttpContext http)
    {
        if (!http.Request.Headers.TryGetValue(HeaderName.IdempotencyKey, out var values))
        {
            return null;
        }

        return IdOf(values.ToString(), Caller.Of(http).Name);
    }

    /// <summary>An id that is the same whenever the same caller sends the same key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="caller">The name of the caller's API key.</param>
    /// <exception cref="RefusedException"><c>invalid</c>: the key is none.</exception>
    public static string IdOf(string key, string caller)
    {
        if (key.Length is 0 or > LengthMax || key.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw Read.Invalid($"An Idempotency-Key is 1 to {LengthMax} printable ASCII characters.");
        }

        // Two clients may choose the same key by chance, therefore the name of the API key is part of it.
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{caller}\n{key}"));
        return "key-" + Convert.ToHexStringLower(hash.AsSpan(0, 16));
    }
}
