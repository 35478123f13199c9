using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Elasticity.Web;

/// <summary>A file of the pages, as it is embedded in this assembly.</summary>
/// <param name="Name">Its name in the folder <c>ui</c>.</param>
/// <param name="Bytes">What is in it.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="Tag">A hash of the bytes: the same file has the same tag on every server.</param>
internal sealed record WebFile(string Name, byte[] Bytes, string MediaType, EntityTagHeaderValue Tag)
{
    /// <summary>The page that loads all others.</summary>
    public const string Index = "index.html";

    private const int TagBytes = 16;

    /// <summary>Reads every file.</summary>
    public static IEnumerable<WebFile> ReadAll()
    {
        Assembly assembly = typeof(WebFile).Assembly;
        return assembly.GetManifestResourceNames().Select(name => Read(assembly, name));
    }

    private static WebFile Read(Assembly assembly, string name)
    {
        using Stream stream = assembly.GetManifestResourceStream(name)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        string tag = Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, TagBytes));
        return new WebFile(name, bytes, MediaTypeOf(name), new EntityTagHeaderValue($"\"{tag}\""));
    }

    private static string MediaTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        string other => throw new NotSupportedException($"{name}: what is {other}?"),
    };
}
