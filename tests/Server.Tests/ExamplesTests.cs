using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;
using static Elasticity.Server.Tests.Http;

namespace Elasticity.Server.Tests;

/// <summary>The page about the API shows what happens.</summary>
public sealed partial class ExamplesTests : IDisposable
{
    private const string Page = "docs/reference/http-api.md";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("elasticity-examples");

    [CurlFact]
    public async Task Every_example_does_what_the_page_shows()
    {
        await using ElasticityServer server = await StartAsync(
            new ServerOptions { Listen = "http://127.0.0.1:0", DataDirectory = _directory.FullName });
        using HttpClient client = await ReadyAsync(server);
        (string Command, string Language, string Shown)[] examples = Examples(await File.ReadAllTextAsync(PageFile()));
        Assert.True(examples.Length > 10, "The examples were not found.");

        foreach ((string command, string language, string shown) in examples)
        {
            string output = await RunAsync(command, server.Addresses[0]);
            Assert.True(IsSame(language, shown, output), $"{command}\nshows\n{shown}\nbut gives\n{output}");
        }
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static (string Command, string Language, string Shown)[] Examples(string page) =>
    [
        .. Example().Matches(page.ReplaceLineEndings("\n"))
            .Select(m => (m.Groups["command"].Value, m.Groups["language"].Value, m.Groups["shown"].Value)),
    ];

    private static bool IsSame(string language, string shown, string output) => language == "json"
        ? JsonNode.DeepEquals(Masked(shown), Masked(output))
        : shown.Trim() == output.Trim();

    /// <summary>What differs from run to run.</summary>
    private static JsonNode? Masked(string json) => JsonNode.Parse(
        Ago().Replace(Time().Replace(json, "\"TIME\""), "\"seenSecondsAgo\":0"));

    private static async Task<string> RunAsync(string command, string address)
    {
        ProcessStartInfo start = new("bash", ["-c", "set -o pipefail\n" + command]) { RedirectStandardOutput = true };
        start.Environment["E"] = address;
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{command}\nended with {process.ExitCode}:\n{output}");
        return output;
    }

    private static string PageFile()
    {
        string? at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at!, Page)))
        {
            at = Path.GetDirectoryName(at) ?? throw new InvalidOperationException($"No {Page} above the tests.");
        }

        return Path.Combine(at!, Page);
    }

    [GeneratedRegex(
        @"```sh\n(?<command>.*?)```\n\n```(?<language>json|text)\n(?<shown>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"""\d{4}-\d\d-\d\dT[\d:.]+Z""")]
    private static partial Regex Time();

    [GeneratedRegex(@"""seenSecondsAgo"":\s*[\d.E-]+")]
    private static partial Regex Ago();
}

/// <summary>A test that is skipped where bash or a curl with <c>--json</c> is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CurlFactAttribute : FactAttribute
{
    public CurlFactAttribute()
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo("bash", ["-c", "curl --help all | grep -q -- --json"])
                {
                    RedirectStandardError = true,
                })!;
            process.WaitForExit();
            Skip = process.ExitCode == 0 ? null : "There is no curl that knows --json.";
        }
        catch (Win32Exception)
        {
            Skip = "There is no bash.";
        }
    }
}
