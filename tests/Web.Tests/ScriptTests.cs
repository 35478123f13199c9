using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Elasticity.Web.Tests;

/// <summary>What the scripts may do, held against their text.</summary>
public partial class ScriptTests
{
    private const int LinesMax = 400;
    private const int LineLengthMax = 120;

    [Fact]
    public void Scripts_ask_nothing_that_the_api_does_not_offer()
    {
        using var document = JsonDocument.Parse(Pages.Read("docs/reference/openapi.json"));
        JsonElement paths = document.RootElement.GetProperty("paths");
        (string Script, string Method, string Path)[] asked =
        [
            .. from script in Pages.Scripts
               from Match match in Route().Matches(script.Text)
               select (script.Name, match.Groups[1].Value.ToLowerInvariant(), match.Groups[2].Value),
        ];

        Assert.NotEmpty(asked);
        Assert.All(asked, a => Assert.True(
            paths.TryGetProperty(a.Path, out JsonElement path) && path.TryGetProperty(a.Method, out _),
            $"{a.Script} asks {a.Method} {a.Path}"));
    }

    [Fact]
    public void A_path_of_the_api_is_always_written_as_a_route() =>
        Assert.Empty(Pages.Scripts.Where(s => Path().Count(s.Text) != Route().Count(s.Text)).Select(s => s.Name));

    [Fact]
    public void Nothing_becomes_html_or_code_and_nothing_is_kept_but_the_key() =>
        Assert.Empty(
            from script in Pages.Scripts
            from Match match in Forbidden().Matches(script.Text)
            select $"{script.Name}: {match.Value}");

    [Theory]
    [InlineData("x.innerHTML = name")]
    [InlineData("eval(text)")]
    [InlineData("new Function(text)")]
    [InlineData("element.insertAdjacentHTML('x', y)")]
    [InlineData("localStorage.setItem('key', key)")]
    [InlineData("document.write(x)")]
    public void What_is_forbidden_is_found(string script) => Assert.Matches(Forbidden(), script);

    [Fact]
    public void Pages_take_nothing_from_elsewhere_and_have_no_script_or_style_inside()
    {
        string index = Pages.Read("src/Web/ui/index.html");

        Assert.DoesNotMatch(Inline(), index);
        Assert.All(
            Pages.Files.Where(f => !f.EndsWith(".svg", StringComparison.Ordinal)), // The name of its format is one.
            f => Assert.DoesNotContain("://", File.ReadAllText(f), StringComparison.Ordinal));
    }

    [Fact]
    public void What_scripts_import_is_there()
    {
        HashSet<string> names = [.. Pages.Scripts.Select(s => s.Name)];

        Assert.Empty(
            from script in Pages.Scripts
            from Match match in Import().Matches(script.Text)
            where !names.Contains(match.Groups[1].Value)
            select $"{script.Name} imports {match.Groups[1].Value}");
    }

    [Fact]
    public void No_file_and_no_line_is_too_long() =>
        Assert.Empty(
            from file in Pages.Files
            let lines = File.ReadAllLines(file)
            where lines.Length > LinesMax || lines.Any(l => l.Length > LineLengthMax)
            select System.IO.Path.GetFileName(file));

    [GeneratedRegex("\"(GET|POST) (/v1/[^\"]*)\"")]
    private static partial Regex Route();

    [GeneratedRegex("/v1/")]
    private static partial Regex Path();

    [GeneratedRegex(
        @"(inner|outer|insertAdjacent)HTML|setHTML|document\.write|\beval\b|\bFunction\(|DOMParser|srcdoc|javascript:"
        + @"|createContextualFragment|localStorage|indexedDB|document\.cookie")]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", RegexOptions.IgnoreCase)]
    private static partial Regex Inline();

    [GeneratedRegex("from \"\\./([^\"]+)\"")]
    private static partial Regex Import();
}
