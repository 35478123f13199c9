using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Elasticity.Contracts;
using Elasticity.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Elasticity.Api.Http;

/// <summary>Problems as RFC 9457 wants them.</summary>
internal static class Problems
{
    /// <summary>Writes a problem as the answer.</summary>
    public static async Task WriteAsync(HttpContext http, string code, string detail)
    {
        ProblemKind kind = ProblemTable.Of(code);
        http.RequestServices.GetRequiredService<EdgeCounters>().Problem(code);
        HttpResponse response = http.Response;
        response.StatusCode = kind.Status;
        response.ContentType = ProblemDocument.MediaType;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (kind.RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (kind.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        byte[] body = BodyOf(
            code,
            detail,
            kind.Status == StatusCodes.Status500InternalServerError
                ? Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier
                : null);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await response.Body.WriteAsync(body, http.RequestAborted);
        }
    }

    /// <summary>The body of a problem.</summary>
    /// <param name="code">The code.</param>
    /// <param name="detail">One sentence for a human.</param>
    /// <param name="traceId">For finding the request in the log; null for none.</param>
    public static byte[] BodyOf(string code, string detail, string? traceId = null)
    {
        ProblemKind kind = ProblemTable.Of(code);
        ProblemDocument problem = new()
        {
            Type = Routes.Problem.Replace("{code}", code, StringComparison.Ordinal),
            Title = kind.Title,
            Status = kind.Status,
            Detail = detail,
            Code = code,
            TraceId = traceId,
        };
        return JsonSerializer.SerializeToUtf8Bytes(problem, ApiJson.Readable.ProblemDocument);
    }

    /// <summary>The answer for an expected "no".</summary>
    public static IResult Of(Rejection rejection) => new ProblemAnswer(rejection.Code, rejection.Detail);

    /// <summary>The answer for a code.</summary>
    public static IResult Of(string code, string detail) => new ProblemAnswer(code, detail);

    private sealed class ProblemAnswer(string code, string detail) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, code, detail);
    }
}
