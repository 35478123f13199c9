using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Elasticity.Api.Tests.Support;
using Elasticity.Contracts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Elasticity.Api.Tests.OpenApi;

/// <summary>The document is what the endpoints are.</summary>
public class OpenApiTests
{
    private const string DocumentFile = "docs/reference/openapi.json";

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public async Task The_document_that_is_checked_in_is_what_the_endpoints_are()
    {
        await using ApiHost host = await ApiHost.StartAsync(new FakeElasticity());

        JsonObject document = OpenApiDocument.Of(EndpointsOf(host));

        Repository.Approve(DocumentFile, document.ToJsonString(Indented) + "\n");
    }

    [Fact]
    public async Task The_document_that_is_checked_in_is_served()
    {
        await using ApiHost host = await ApiHost.StartAsync(new FakeElasticity());

        string served = await host.Client.GetStringAsync(Routes.OpenApi);

        Assert.Equal(Repository.Read(DocumentFile), served.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Every_path_of_the_contracts_is_there_and_no_other()
    {
        await using ApiHost host = await ApiHost.StartAsync(new FakeElasticity());
        IEnumerable<string> promised = typeof(Routes).GetFields()
            .Where(f => f.IsLiteral)
            .Select(f => (string)f.GetRawConstantValue()!);

        Assert.Equal(
            promised.Order(StringComparer.Ordinal),
            EndpointsOf(host).Select(e => e.RoutePattern.RawText!).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_reference_leads_somewhere()
    {
        await using ApiHost host = await ApiHost.StartAsync(new FakeElasticity());
        JsonObject document = OpenApiDocument.Of(EndpointsOf(host));

        foreach (string reference in References(document))
        {
            JsonNode? at = document;
            foreach (string step in reference[2..].Split('/'))
            {
                at = at?[step];
            }

            Assert.True(at is JsonObject { Count: > 0 }, $"{reference} leads nowhere");
        }
    }

    private static IEnumerable<RouteEndpoint> EndpointsOf(ApiHost host) => host.Services
        .GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(p => p.Key == "$ref" ? [p.Value!.GetValue<string>()] : References(p.Value)),
        JsonArray a => a.SelectMany(References),
        _ => [],
    };
}
