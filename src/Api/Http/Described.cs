using Elasticity.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Elasticity.Api.Http;

/// <summary>A header that an endpoint reads, for the OpenAPI document.</summary>
internal sealed record RequestHeader(string Name, string Description);

/// <summary>What an answer means, for the OpenAPI document.</summary>
internal sealed record AnswerMeaning(int Status, string Description);

/// <summary>What is said of each endpoint, in the order of reading.</summary>
internal static class Described
{
    /// <summary>What is read. <c>HEAD</c> tells what <c>GET</c> would, without the body.</summary>
    public static RouteHandlerBuilder MapRead(this IEndpointRouteBuilder routes, string pattern, Delegate handler) =>
        routes.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], handler);

    /// <summary>Who may, under which name, what for.</summary>
    public static RouteHandlerBuilder Means(
        this RouteHandlerBuilder endpoint, string name, ApiRoles role, string summary) => endpoint
        .WithName(name)
        .WithSummary(summary)
        .WithMetadata(new RequiredRole(role));

    /// <summary>What the body is.</summary>
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder endpoint)
        where T : notnull => endpoint.Accepts<T>("application/json");

    /// <summary>What the answer is.</summary>
    public static RouteHandlerBuilder Gives<T>(
        this RouteHandlerBuilder endpoint,
        int status = StatusCodes.Status200OK,
        string? meaning = null,
        string mediaType = "application/json")
    {
        endpoint.Produces<T>(status, mediaType);
        return meaning is null ? endpoint : endpoint.WithMetadata(new AnswerMeaning(status, meaning));
    }

    /// <summary>Which header it reads.</summary>
    public static RouteHandlerBuilder Header(this RouteHandlerBuilder endpoint, string name, string description) =>
        endpoint.WithMetadata(new RequestHeader(name, description));

    /// <summary>It answers with an <c>ETag</c> and understands <c>If-None-Match</c>.</summary>
    public static RouteHandlerBuilder Tagged(this RouteHandlerBuilder endpoint) => endpoint
        .Header("If-None-Match", "An ETag of an earlier answer.")
        .Produces(StatusCodes.Status304NotModified)
        .WithMetadata(new AnswerMeaning(StatusCodes.Status304NotModified, "Nothing changed since that ETag."));

    /// <summary>It also answers with server-sent events.</summary>
    public static RouteHandlerBuilder Streams(this RouteHandlerBuilder endpoint) => endpoint
        .Header(HeaderName.LastEventId, "The last id seen: the stream goes on behind it.");
}
