using System.CommandLine;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Elasticity.Cli.CommandLine;
using Elasticity.Domain;
using Xunit;

namespace Elasticity.Cli.Tests.Reference;

/// <summary>docs/reference/cli.md: what people write above the mark, what <c>--help</c> says below it.</summary>
public sealed partial class CliPageTests
{
    private const string Page = "docs/reference/cli.md";
    private const string Mark = "<!-- from here on: made by tests/Cli.Tests from --help -->\n";

    [Fact]
    public void The_page_says_what_help_says()
    {
        StringBuilder text = new();
        foreach (string[] path in Commands(Root.Build(), []).OrderBy(p => string.Join(' ', p), StringComparer.Ordinal))
        {
            text.Append($"\n## elasticity {string.Join(' ', path)}\n\n```text\n{Help(path)}\n```\n");
        }

        Repository.ApproveAfter(Mark, Page, text.ToString());
    }

    public static TheoryData<string> Names =>
        [.. Commands(Root.Build(), []).Select(path => string.Join(' ', path))];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_command_has_help_with_examples(string name)
    {
        Assert.NotEmpty(Assert.IsAssignableFrom<DocumentedCommand>(CommandOf(name)).Examples);
        Assert.Contains("\nExamples:\n", Help(name.Split(' ')));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_command_that_does_something_speaks_JSON(string name) =>
        Assert.True(CommandOf(name).Subcommands.Count > 0 || Has(CommandOf(name), "--json"));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_command_works_on_a_server_or_on_a_data_directory(string name)
    {
        Command command = CommandOf(name);
        bool isEither = Has(command, "--server") || Has(command, "--data");

        Assert.True(isEither || command.Subcommands.Count > 0);
        Assert.True(command is not TargetCommand || (Has(command, "--server") && Has(command, "--data")));
    }

    [Fact]
    public void Every_example_is_a_command_line_that_is_understood() =>
        Assert.All(
            Commands(Root.Build(), []).Select(p => CommandOf(string.Join(' ', p))).OfType<DocumentedCommand>()
                .SelectMany(c => c.Examples),
            example => Assert.All(
                Words(example.Line), words => Assert.Empty(Root.Build().Parse(words).Errors)));

    [Fact]
    public void Every_command_line_in_a_guide_is_understood()
    {
        string[] lines =
        [
            .. Directory.GetFiles(Path.Combine(Repository.Root, "docs/guides"), "*.md")
                .SelectMany(f => Shell().Matches(File.ReadAllText(f).ReplaceLineEndings("\n")))
                .SelectMany(m => m.Groups[1].Value.Split('\n')).Select(l => l.Split(" #")[0]),
        ];
        string[][] commands = [.. lines.SelectMany(Words)];

        Assert.True(commands.Length > 20, "The pattern finds nothing any more.");
        Assert.All(commands, words => Assert.Empty(Root.Build().Parse(words).Errors));
    }

    [Fact]
    public void Every_exit_code_is_on_the_page() =>
        Assert.Equal(
            typeof(ExitCode).GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(f => f.GetRawConstantValue()!.ToString()),
            ExitRow().Matches(Repository.Read(Page)).Select(m => m.Groups[1].Value));

    [Fact]
    public void Every_code_that_only_the_program_has_is_on_the_page()
    {
        string page = Repository.Read(Page);
        string[] codes =
        [
            .. Sources("src/Cli").Concat(Sources("src/Server"))
                .SelectMany(f => Thrown().Matches(File.ReadAllText(f)))
                .Select(m => m.Groups[1].Value).Distinct()
                .Except([RejectionCode.Invalid, RejectionCode.LimitExceeded]), // Those of the engine have their page.
        ];

        Assert.True(codes.Length > 5, "The pattern finds nothing any more.");
        Assert.All(codes, code => Assert.Contains($"`{code}`", page));
    }

    private static Command CommandOf(string name) => name.Split(' ').Aggregate(
        (Command)Root.Build(), (command, word) => command.Subcommands.Single(c => c.Name == word));

    private static bool Has(Command command, string option) => command.Options.Any(o => o.Name == option);

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories);

    private static IEnumerable<string[]> Commands(Command command, string[] path) => command.Subcommands
        .Where(c => !c.Hidden)
        .SelectMany(c => Commands(c, [.. path, c.Name]).Prepend([.. path, c.Name]));

    private static string Help(string[] path)
    {
        using StringWriter output = new() { NewLine = "\n" };
        Root.Build().Parse([.. path, "--help"]).Invoke(new InvocationConfiguration { Output = output });
        return TrailingBlanks().Replace(output.ToString().ReplaceLineEndings("\n"), "\n").Trim()
            .Replace($"  {RootCommand.ExecutableName} ", "  elasticity ", StringComparison.Ordinal);
    }

    // "find … | elasticity run …" and "elasticity redrive … && elasticity run …" hold command lines of ours.
    private static IEnumerable<string[]> Words(string line)
    {
        List<string> words = [];
        foreach (string word in Word().Matches(line).Select(m => m.Value).Append("|"))
        {
            if (word is not ("|" or "&&" or "&" or ">" or "<"))
            {
                words.Add(word.Trim('\'', '"'));
                continue;
            }

            if (words is ["elasticity", ..])
            {
                yield return [.. words.Skip(1)];
            }

            words = [];
        }
    }

    [GeneratedRegex(@" +\n")]
    private static partial Regex TrailingBlanks();

    [GeneratedRegex(@"^\| (\d+) \|", RegexOptions.Multiline)]
    private static partial Regex ExitRow();

    [GeneratedRegex("""(?:Refused|CliException|StartException)\(\s*(?:ExitCode\.\w+,\s*)?"([a-z-]+)",""")]
    private static partial Regex Thrown();

    [GeneratedRegex(@"^```sh\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Shell();

    [GeneratedRegex("""'[^']*'|"[^"]*"|\S+""")]
    private static partial Regex Word();
}
