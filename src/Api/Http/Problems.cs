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

        ProblemDocument problem = new()
        {
            Type = Routes.Problem.Replace("{code}", code, StringComparison.Ordinal),
            Title = kind.Title,
            Status = kind.Status,
            Detail = detail,
            Code = code,
            TraceId = kind.Status == StatusCodes.Status500InternalServerError
                ? Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier
                : null,
        };
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(problem, ApiJson.Readable.ProblemDocument);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await response.Body.WriteAsync(body, http.RequestAborted);
        }
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
