using System.Globalization;
using System.Reflection;
using Elasticity.Api.Security;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Logging;

namespace Elasticity.Api.Http;

/// <summary>
/// Stands before every endpoint of the API, whoever hosts it: the role, the parameters, and what an exception means.
/// </summary>
internal sealed class EndpointGuard
{
    private readonly RequestDelegate _next;
    private readonly ApiOptions _options;
    private readonly ILogger _logger;
    private readonly ApiRoles _role;
    private readonly Dictionary<string, Type> _parameters;
    private readonly bool _takesNothing;

    private EndpointGuard(EndpointBuilder endpoint, ApiOptions options, ILogger logger)
    {
        _next = endpoint.RequestDelegate!;
        _options = options;
        _logger = logger;
        _role = endpoint.Metadata.OfType<RequiredRole>().Last().Role;
        _parameters = ParametersOf(endpoint.Metadata);
        _takesNothing = !endpoint.Metadata.OfType<IAcceptsMetadata>().Any();
    }

    /// <summary>Puts a guard before each endpoint of a group.</summary>
    public static void Protect(IEndpointConventionBuilder endpoints, ApiOptions options, ILogger logger) =>
        endpoints.Finally(endpoint => endpoint.RequestDelegate =
            new EndpointGuard(endpoint, options, logger).InvokeAsync);

    /// <summary>What an endpoint takes from path and query: the plain values among the parameters of its
    /// method.</summary>
    public static Dictionary<string, Type> ParametersOf(IEnumerable<object> metadata) =>
        metadata.OfType<MethodInfo>().Last().GetParameters()
            .Select(p => (Name: p.Name!, Type: Nullable.GetUnderlyingType(p.ParameterType) ?? p.ParameterType))
            .Where(p => p.Type == typeof(string) || p.Type.IsPrimitive)
            .ToDictionary(p => p.Name, p => p.Type, StringComparer.Ordinal);

    private async Task InvokeAsync(HttpContext http)
    {
        string code;
        string detail;
        try
        {
            CallerGate.Check(http, _options.Keys, _role);
            CheckParameters(http);
            if (_takesNothing && !IsRead(http.Request.Method))
            {
                await RequestBody.ReadNothingAsync(http);
            }

            await _next(http);
            return;
        }
        catch (RefusedException exception)
        {
            (code, detail) = (exception.Code, exception.Message);
        }
        catch (EngineUnavailableException exception)
        {
            (code, detail) = (exception.Code, exception.Message);
        }
        catch (EventStoreException exception)
        {
            (code, detail) = (exception.Code, exception.Message);
        }
        catch (BadHttpRequestException exception)
        {
            (code, detail) = (ProblemCode.BadRequest, exception.Message);
        }
        catch (Exception exception) when (http.RequestAborted.IsCancellationRequested && IsOfAbort(exception))
        {
            return; // Nobody is there to hear an answer.
        }
        catch (OperationCanceledException)
        {
            (code, detail) = (ProblemCode.EngineStopping, "The server stops; ask again elsewhere or later.");
        }
#pragma warning disable CA1031 // This is the edge of the shell: a defect becomes an answer, not a dead connection.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            EdgeLog.Defect(_logger, http.Request.Method, http.Request.Path, exception);
            (code, detail) = (ProblemCode.InternalError, "Something went wrong in the server.");
        }

        if (http.Response.HasStarted)
        {
            http.Abort(); // An answer that breaks off must not look complete.
            return;
        }

        http.Response.Clear();
        await Problems.WriteAsync(http, code, detail);
    }

    private static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);

    private static bool IsOfAbort(Exception exception) => exception is OperationCanceledException or IOException;

    private void CheckParameters(HttpContext http)
    {
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues value) in http.Request.Query)
        {
            if (!_parameters.TryGetValue(name, out Type? type) || http.Request.RouteValues.ContainsKey(name))
            {
                throw new RefusedException(
                    ProblemCode.UnknownParameter, $"Nobody knows the parameter '{Identifier.Shorten(name)}'.");
            }

            Check(name, type, value.ToString());
        }

        foreach ((string name, object? value) in http.Request.RouteValues)
        {
            if (_parameters.TryGetValue(name, out Type? type) && value is string text)
            {
                Check(name, type, text);
            }
        }
    }

    private static void Check(string name, Type type, string text)
    {
        bool isFine = type == typeof(string)
            || (type == typeof(bool) && bool.TryParse(text, out _))
            || (type == typeof(int) && int.TryParse(text, CultureInfo.InvariantCulture, out _))
            || (type == typeof(long) && long.TryParse(text, CultureInfo.InvariantCulture, out _));
        if (!isFine)
        {
            string wanted = type == typeof(bool) ? "true or false" : "a whole number";
            throw new RefusedException(RejectionCode.Invalid, $"{name} is {wanted}, not '{Identifier.Shorten(text)}'.");
        }
    }


}
