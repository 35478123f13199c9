using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Elasticity.Api.Http;
using Elasticity.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Elasticity.Api.Tests.OpenApi;

/// <summary>Makes the OpenAPI document from the endpoints themselves: paths, parameters, messages and roles.</summary>
internal sealed partial class OpenApiDocument
{
    private readonly Schemas _schemas = new();

    /// <summary>Makes the document.</summary>
    public static JsonObject Of(IEnumerable<RouteEndpoint> endpoints)
    {
        OpenApiDocument document = new();
        JsonObject paths = [];
        foreach (IGrouping<string, RouteEndpoint> path in endpoints
            .Where(e => e.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null)
            .GroupBy(e => e.RoutePattern.RawText!)
            .OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            JsonObject operations = [];
            foreach ((string method, RouteEndpoint endpoint) in path
                .SelectMany(e => MethodsOf(e).Select(m => (m, e)))
                .OrderBy(o => o.m, StringComparer.Ordinal))
            {
                operations.Add(method, document.Operation(path.Key, endpoint));
            }

            paths.Add(path.Key, operations);
        }

        JsonObject problem = document.ProblemAnswer(); // Before the schemas: it adds one.
        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "Elasticity",
                ["version"] = "v1",
                ["description"] =
                    "A scheduler for work that must not be lost. Problems are those of RFC 9457; programs switch on "
                    + "their code.",
                ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["identifier"] = "Apache-2.0" },
            },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = document._schemas.Components(),
                ["responses"] = new JsonObject { ["Problem"] = problem },
                ["securitySchemes"] = new JsonObject
                {
                    ["key"] = new JsonObject
                    {
                        ["type"] = "http",
                        ["scheme"] = "bearer",
                        ["description"] =
                            "An API key, elk_…, with the role that the operation names. A server without keys asks "
                            + "for none and answers to localhost only.",
                    },
                },
            },
        };
    }

    private static IEnumerable<string> MethodsOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
            .Where(m => m != HttpMethods.Head) // HTTP itself says what it means beside GET.
            .Select(m => m.ToLowerInvariant());

    private JsonObject Operation(string path, RouteEndpoint endpoint)
    {
        ApiRoles role = endpoint.Metadata.GetMetadata<RequiredRole>()!.Role;
        JsonObject operation = new()
        {
            ["operationId"] = endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName,
            ["summary"] = endpoint.Metadata.GetMetadata<IEndpointSummaryMetadata>()!.Summary,
            ["tags"] = new JsonArray(TagOf(path)),
            ["security"] = role == ApiRoles.None
                ? new JsonArray()
                : new JsonArray(new JsonObject { ["key"] = new JsonArray(ApiKeys.WordsOf(role)[0]) }),
        };
        JsonArray parameters = Parameters(path, endpoint);
        if (parameters.Count > 0)
        {
            operation.Add("parameters", parameters);
        }

        if (endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is { } accepts)
        {
            operation.Add("requestBody", new JsonObject
            {
                ["required"] = true,
                ["content"] = Content(accepts.ContentTypes, accepts.RequestType),
            });
        }

        operation.Add("responses", Answers(endpoint));
        return operation;
    }

    private static string TagOf(string path) =>
        path.StartsWith("/v1/", StringComparison.Ordinal) ? path.Split('/')[2] : "server";

    private static JsonArray Parameters(string path, RouteEndpoint endpoint)
    {
        JsonArray parameters = [];
        foreach (var parameter in EndpointGuard.ParametersOf(endpoint.Metadata))
        {
            bool isInPath = PathParameter().Matches(path).Any(m => m.Groups[1].Value == parameter.Key);
            JsonObject written = new()
            {
                ["name"] = parameter.Key,
                ["in"] = isInPath ? "path" : "query",
                ["schema"] = TypeOf(parameter.Value),
            };
            if (isInPath)
            {
                written.Add("required", true);
            }

            if (!isInPath || parameter.Key is "index")
            {
                written.Add("description", ParameterTexts.Of(parameter.Key));
            }

            parameters.Add(written);
        }

        foreach (RequestHeader header in endpoint.Metadata.GetOrderedMetadata<RequestHeader>())
        {
            parameters.Add(new JsonObject
            {
                ["name"] = header.Name,
                ["in"] = "header",
                ["schema"] = new JsonObject { ["type"] = "string" },
                ["description"] = header.Description,
            });
        }

        return parameters;
    }

    private static JsonObject TypeOf(Type type) =>
        type == typeof(int) ? new JsonObject { ["type"] = "integer", ["format"] = "int32" }
        : type == typeof(long) ? new JsonObject { ["type"] = "integer", ["format"] = "int64" }
        : type == typeof(bool) ? new JsonObject { ["type"] = "boolean" }
        : new JsonObject { ["type"] = "string" };

    private JsonObject Answers(RouteEndpoint endpoint)
    {
        JsonObject answers = [];
        foreach (var status in endpoint.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>()
            .GroupBy(p => p.StatusCode)
            .OrderBy(p => p.Key))
        {
            string meaning = endpoint.Metadata.GetOrderedMetadata<AnswerMeaning>()
                .LastOrDefault(m => m.Status == status.Key)?.Description ?? "Done.";
            JsonObject answer = new() { ["description"] = meaning };
            JsonObject content = [];
            foreach (IProducesResponseTypeMetadata one in status.Where(p => p.ContentTypes.Any()))
            {
                foreach ((string media, JsonNode? schema) in Content(one.ContentTypes, one.Type).ToArray())
                {
                    content[media] = schema?.DeepClone();
                }
            }

            if (content.Count > 0)
            {
                answer.Add("content", content);
            }

            answers.Add(status.Key.ToString(), answer);
        }

        answers.Add("default", new JsonObject { ["$ref"] = "#/components/responses/Problem" });
        return answers;
    }

    private JsonObject Content(IEnumerable<string> mediaTypes, Type? type)
    {
        JsonObject content = [];
        foreach (string media in mediaTypes)
        {
            // A stream of events is text; what its data is, is said in the description.
            content.Add(media, new JsonObject
            {
                ["schema"] = media.StartsWith("text/", StringComparison.Ordinal)
                    ? new JsonObject { ["type"] = "string" }
                    : _schemas.Of(type!),
            });
        }

        return content;
    }

    private JsonObject ProblemAnswer() => new()
    {
        ["description"] = "What went wrong. The codes are listed in docs/reference/problems.md.",
        ["content"] = Content([ProblemDocument.MediaType], typeof(ProblemDocument)),
    };

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathParameter();
}
