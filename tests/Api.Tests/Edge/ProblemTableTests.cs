using System.Text;
using Elasticity.Api.Http;
using Elasticity.Api.Tests.Support;
using Elasticity.Contracts;
using Elasticity.Domain;
using Xunit;

namespace Elasticity.Api.Tests.Edge;

/// <summary>Every code has a status, and the page says the same.</summary>
public class ProblemTableTests
{
    private const string Page = "docs/reference/problems.md";
    private const string Begin = "<!-- table: made by tests/Api.Tests -->\n";
    private const string End = "<!-- end of table -->\n";

    [Fact]
    public void Every_rejection_of_the_domain_has_a_status() => Assert.All(
        Constants(typeof(RejectionCode)), code => Assert.True(ProblemTable.Kinds.ContainsKey(code), code));

    [Fact]
    public void Every_code_of_the_contracts_has_a_status() => Assert.All(
        Constants(typeof(ProblemCode)), code => Assert.True(ProblemTable.Kinds.ContainsKey(code), code));

    [Fact]
    public void Only_what_may_pass_by_itself_says_when_to_come_again() => Assert.All(
        ProblemTable.Kinds,
        kind => Assert.True(kind.Value.RetryAfterSeconds is null || kind.Value.Status is 429 or 503, kind.Key));

    [Fact]
    public void The_page_has_a_line_for_each()
    {
        StringBuilder table = new("| status | code | meaning | try again |\n| --- | --- | --- | --- |\n");
        HashSet<string> ofTheDomain = [.. Constants(typeof(RejectionCode))];
        foreach ((string code, ProblemKind kind) in ProblemTable.Kinds
            .OrderBy(k => k.Value.Status)
            .ThenBy(k => k.Key, StringComparer.Ordinal))
        {
            string name = ofTheDomain.Contains(code) ? $"[`{code}`](rejections.md#{code})" : $"`{code}`";
            string again = kind.RetryAfterSeconds is { } seconds ? $"after {seconds} s" : string.Empty;
            table.Append($"| {kind.Status} | {name} | {kind.Title} | {again} |\n");
        }

        string page = Repository.Read(Page);
        int from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int to = page.IndexOf(End, StringComparison.Ordinal);
        Repository.Approve(Page, page[..from] + table + page[to..]);
    }

    private static IEnumerable<string> Constants(Type type) =>
        type.GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!);
}
