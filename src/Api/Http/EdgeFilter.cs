using Elasticity.Api.Security;
using Elasticity.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Elasticity.Api.Http;

/// <summary>Stands before everything, also before paths that do not exist: who may come in at all, and that no refusal
/// goes out without a problem.</summary>
internal sealed class EdgeFilter(ApiOptions options, EdgeCounters counters) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(InvokeAsync);
        next(app);
    };

    private async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (options.Keys is null or { IsOpen: true } && HostGate.Problem(http.Request) is { } stranger)
        {
            await Problems.WriteAsync(http, ProblemCode.HostNotAllowed, stranger);
        }
        else
        {
            await next(http);
        }

        if (!http.Response.HasStarted && http.Response.ContentType is null && http.Response.ContentLength is null
            && CodeOf(http.Response.StatusCode) is { } code)
        {
            string detail = code switch
            {
                ProblemCode.MethodNotAllowed =>
                    $"{http.Request.Path} is not for {http.Request.Method} but for {http.Response.Headers.Allow}.",
                ProblemCode.UnsupportedMediaType => RequestBody.WrongMediaType(http.Request),
                _ => $"There is no {http.Request.Path} here.",
            };
            await Problems.WriteAsync(http, code, detail);
        }

        counters.Request(http.Response.StatusCode);
    }

    private static string? CodeOf(int status) => status switch
    {
        StatusCodes.Status404NotFound => ProblemCode.NotFound,
        StatusCodes.Status405MethodNotAllowed => ProblemCode.MethodNotAllowed,
        StatusCodes.Status415UnsupportedMediaType => ProblemCode.UnsupportedMediaType,
        StatusCodes.Status400BadRequest => ProblemCode.BadRequest,
        _ => null,
    };
}
