using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Elasticity.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Elasticity.Api.Http;

/// <summary>Answers that are not problems.</summary>
internal static class Answers
{
    /// <summary>A document, streamed while it is written.</summary>
    public static IResult Json<T>(T document, JsonTypeInfo<T> type) => new Streamed<T>(document, type);

    /// <summary>A document, or why there is none.</summary>
    public static IResult Json<TValue, T>(Reply<TValue> reply, Func<TValue, T> map, JsonTypeInfo<T> type)
        where TValue : class =>
        reply.IsAccepted ? new Streamed<T>(map(reply.Value), type) : Problems.Of(reply.Rejection);

    /// <summary>A new thing, and where it is from now on.</summary>
    public static IResult Created<T>(string location, T document, JsonTypeInfo<T> type) =>
        new Streamed<T>(document, type, location);

    /// <summary>A document that is worth asking for again with <c>If-None-Match</c>.</summary>
    public static IResult Tagged<TValue, T>(Reply<TValue> reply, Func<TValue, T> map, JsonTypeInfo<T> type)
        where TValue : class =>
        reply.IsAccepted
        ? new TaggedBytes(JsonSerializer.SerializeToUtf8Bytes(map(reply.Value), type))
        : Problems.Of(reply.Rejection);

    /// <summary>JSON as it was given, worth asking for again with <c>If-None-Match</c>.</summary>
    public static IResult Tagged(ReadOnlyMemory<byte> json) => new TaggedBytes(json);

    private sealed class Streamed<T>(T document, JsonTypeInfo<T> type, string? location = null) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            HttpResponse response = httpContext.Response;
            response.ContentType = "application/json";
            if (location is not null)
            {
                response.StatusCode = StatusCodes.Status201Created;
                response.Headers.Location = location;
            }

            return JsonSerializer.SerializeAsync(response.BodyWriter, document, type, httpContext.RequestAborted);
        }
    }

    /// <summary>The tag is a hash of the bytes: also what changes without an event, such as progress, changes
    /// it.</summary>
    private sealed class TaggedBytes(ReadOnlyMemory<byte> json) : IResult
    {
        private const int TagBytes = 16;

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            HttpResponse response = httpContext.Response;
            string tag = Tag();
            response.Headers.ETag = tag;
            response.Headers.CacheControl = "private, no-cache";
            if (Matches(httpContext.Request.Headers.IfNoneMatch, tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }

            response.ContentType = "application/json";
            response.ContentLength = json.Length;
            await response.Body.WriteAsync(json, httpContext.RequestAborted);
        }

        private string Tag()
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(json.Span, hash);
            return $"\"{Convert.ToHexStringLower(hash[..TagBytes])}\"";
        }

        private static bool Matches(StringValues wanted, string tag)
        {
            foreach (string? line in wanted)
            {
                foreach (string one in line?.Split(',', StringSplitOptions.TrimEntries) ?? [])
                {
                    if (one == "*" || one == tag || one == "W/" + tag)
                    {
                        return true;
                    }
                }
            }

            return false;
        }
    }
}
