using System.Text.RegularExpressions;
using Xunit;

namespace Elasticity.Architecture.Tests;

/// <summary>Links between documents lead somewhere.</summary>
public partial class LinkTests
{
    [Fact]
    public void Every_link_in_a_document_leads_to_a_file_and_a_heading_that_are_there() =>
        Offences.None(
            from document in Repository.TrackedFiles()
            where document.EndsWith(".md", StringComparison.Ordinal)
            from Match link in Link().Matches(Fence().Replace(Repository.Read(document), string.Empty))
            let target = link.Groups[1].Value
            where !target.Contains("://", StringComparison.Ordinal) && !Exists(document, target)
            select $"{document} links to {target}");

    [Theory]
    [InlineData("A job from submit to result", "a-job-from-submit-to-result")]
    [InlineData("`limit-exceeded`", "limit-exceeded")]
    [InlineData("What is it? (And why)", "what-is-it-and-why")]
    public void A_heading_is_linked_to_as_GitHub_does(string heading, string anchor) =>
        Assert.Equal(anchor, AnchorOf(heading));

    private static bool Exists(string document, string target)
    {
        string[] parts = target.Split('#', 2);
        string file = parts[0].Length == 0
            ? Path.Combine(Repository.Root, document)
            : Path.GetFullPath(Path.Combine(Repository.Root, Repository.Folder(document), parts[0]));
        return Directory.Exists(file)
            || (File.Exists(file) && (parts.Length == 1 || Anchors(File.ReadAllText(file)).Contains(parts[1])));
    }

    private static IEnumerable<string> Anchors(string text) =>
        Heading().Matches(Fence().Replace(text, string.Empty)).Select(h => AnchorOf(h.Groups[1].Value));

    private static string AnchorOf(string heading) =>
        Dropped().Replace(heading.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-');

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Dropped();
}
