using Elasticity.Api.Http;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Elasticity.Api.Inspection;

/// <summary>What programs read about the API: metrics, the OpenAPI document, the pages of problems.</summary>
internal sealed class MachineEndpoints(IElasticity engine, ApiOptions options, EdgeCounters counters, TimeProvider time)
{
    private static readonly byte[] OpenApi = ReadOpenApi();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead(Routes.Metrics, MetricsAsync)
            .Means("metrics", ApiRoles.Read, "Gives the metrics in the text format of Prometheus.")
            .Gives<string>(mediaType: "text/plain");
        routes.MapRead(Routes.OpenApi, () => Results.Bytes(OpenApi, "application/json"))
            .Means("openApi", ApiRoles.None, "Gives this document.")
            .ExcludeFromDescription();
        routes.MapRead(Routes.Problem, Problem)
            .Means("showProblem", ApiRoles.None, "Says what a problem code means.")
            .Gives<string>(mediaType: "text/plain");
    }

    private async Task<IResult> MetricsAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<QueueView> queues = [];
        try
        {
            // One that lags has metrics too, and that is when they are wanted.
            queues = await PromptQueues.AskAsync(engine, options, time, cancellationToken) ?? [];
        }
        catch (EngineUnavailableException)
        {
            // So has a standby.
        }

        EngineStatus status = options.StatusOf(engine);
        return Results.Text(
            MetricsText.Write(
                options.WithOwnCounts?.Invoke(status) ?? status,
                options.Warning?.Invoke() is not null,
                queues,
                counters,
                options.MetricKindsMax),
            MetricsText.MediaType);
    }

    private static IResult Problem(string code) => ProblemTable.Kinds.TryGetValue(code, out ProblemKind? kind)
        ? Results.Text($"{code} ({kind.Status}): {kind.Title}\n")
        : Problems.Of(ProblemCode.NotFound, $"Nobody knows the problem '{Identifier.Shorten(code)}'.");

    private static byte[] ReadOpenApi()
    {
        using Stream stream = typeof(MachineEndpoints).Assembly.GetManifestResourceStream("openapi.json")!;
        byte[] document = new byte[stream.Length];
        stream.ReadExactly(document);
        return document;
    }
}
