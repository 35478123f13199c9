using System.Text.RegularExpressions;
using Xunit;

namespace Elasticity.Architecture.Tests;

/// <summary>The hard limits of form. The usual sizes are far below them.</summary>
public partial class TidinessTests
{
    private const int FileLinesMax = 400;
    private const int MethodLinesMax = 70;
    private const int LineLengthMax = 120;

    [Fact]
    public void No_file_is_too_long() =>
        Offences.None(
            from file in Repository.Sources()
            let lines = Lines(file).Length
            where lines > FileLinesMax
            select $"{file} has {lines} lines, more than {FileLinesMax}");

    [Fact]
    public void No_method_is_too_long() =>
        Offences.None(
            from file in Repository.Sources()
            from member in MethodSizes.Measure(Repository.Read(file))
            where member.Lines > MethodLinesMax
            select $"{file}:{member.Line} has {member.Lines} lines, more than {MethodLinesMax}: {member.Name}");

    [Fact]
    public void No_line_is_too_long() =>
        Offences.None(
            from file in Repository.Sources()
            from line in Lines(file).Index()
            where line.Item.Length > LineLengthMax
            select $"{file}:{line.Index + 1} has {line.Item.Length} characters, more than {LineLengthMax}");

    [Fact]
    public void No_region_hides_anything() =>
        Offences.None(
            from file in Repository.Sources()
            where Region().IsMatch(CSharpText.Blank(Repository.Read(file)))
            select $"{file} has a region");

    [Fact]
    public void No_tracked_file_names_a_path_of_a_build_machine() =>
        Offences.None(
            from file in Repository.TrackedFiles()
            from line in Lines(file).Index()
            where NamesMachine(line.Item)
            select $"{file}:{line.Index + 1}: {line.Item.Trim()}");

    [Theory]
    [InlineData("see {0}home/ada/elasticity/src")]
    [InlineData("\"{0}Users/ada/x\"")]
    [InlineData("C:{1}Users{1}ada")]
    [InlineData("'{0}root/.nuget'")]
    public void A_path_of_a_build_machine_is_found(string template) =>
        Assert.True(NamesMachine(string.Format(null, template, "/", "\\")));

    [Theory]
    [InlineData("../src/Domain/home/x")]
    [InlineData("https://example.com/home/start")]
    [InlineData("mktemp -d /tmp/elasticity.XXXXXX")]
    [InlineData("/usr/lib/postgresql")]
    public void Other_paths_are_no_offence(string line) => Assert.False(NamesMachine(line));

    private static bool NamesMachine(string line) =>
        MachinePath().IsMatch(line)
        || (IsTelling(Repository.Root) && line.Contains(Repository.Root + "/", StringComparison.Ordinal));

    // A clone in "/src" says nothing about a machine, and the text "/src" is everywhere.
    private static bool IsTelling(string root) => root.Count(c => c is '/' or '\\') > 1;

    private static string[] Lines(string file) => Repository.Read(file).TrimEnd('\n').Split('\n');

    [GeneratedRegex(@"(?<![\w.}*/-])/(home|root|work|Users)/[\w.-]|\b[A-Za-z]:\\+Users\\+\w")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"^[ \t]*#[ \t]*region\b", RegexOptions.Multiline)]
    private static partial Regex Region();
}
