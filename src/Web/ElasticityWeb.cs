using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Elasticity.Web;

/// <summary>The web pages. They are files and nothing more: what they show, and what they do, a browser asks of the
/// HTTP API of the same server, with the key of whoever looks.</summary>
public static class ElasticityWeb
{
    private const string Folder = "/ui/";

    /// <summary>Nothing from elsewhere, nothing written into the page itself, nobody's frame. Trusted Types, where a
    /// browser has them, make text that becomes HTML an error.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'";

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Serves the pages under <c>/ui/</c>, and leads <c>/</c> there.</summary>
    /// <param name="routes">Where to map them.</param>
    /// <returns>All of them, for further conventions.</returns>
    public static IEndpointConventionBuilder MapElasticityWeb(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup(string.Empty);
        group.MapMethods("/", Methods, ToFolder);
        foreach (WebFile file in WebFile.ReadAll())
        {
            group.MapMethods(Folder + file.Name, Methods, (HttpContext http) => Answer(http, file));
            if (file.Name == WebFile.Index)
            {
                // The same endpoint answers "/ui", from where the page would look for its files in the wrong folder.
                group.MapMethods(Folder, Methods, (HttpContext http) =>
                    http.Request.Path.Value!.EndsWith('/') ? Answer(http, file) : ToFolder(http));
            }
        }

        return group.ExcludeFromDescription();
    }

    private static IResult ToFolder(HttpContext http) => Results.Redirect(http.Request.PathBase + Folder);

    private static IResult Answer(HttpContext http, WebFile file)
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers.CacheControl = "no-cache"; // Kept, but asked for again: the tag says whether it is still the same.
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        return Results.Bytes(file.Bytes, file.MediaType, entityTag: file.Tag);
    }
}
