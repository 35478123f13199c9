using System.Text;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Run;
using Xunit;

namespace Elasticity.Cli.Tests.Run;

public class LineReaderTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("\n\n", "")]
    [InlineData("a", "a")]
    [InlineData("a\n", "a")]
    [InlineData("a\n\nb\r\n c \n", "a|b\r| c ")]
    public async Task Lines_are_taken_as_they_are_and_empty_ones_left_out(string input, string lines) =>
        Assert.Equal(lines, await ReadAsync(input, isNullSeparated: false));

    [Theory]
    [InlineData("", "")]
    [InlineData("a\nb\0", "a\nb")]
    [InlineData("a\0\0b", "a||b")]
    public async Task Items_before_a_NUL_may_hold_lines_and_may_be_empty(string input, string items) =>
        Assert.Equal(items, await ReadAsync(input, isNullSeparated: true));

    [Fact]
    public async Task A_line_longer_than_an_argument_can_be_is_refused_with_its_number()
    {
        CliException refusal = await Assert.ThrowsAsync<CliException>(
            () => ReadAsync($"a\n{new string('x', 300_000)}\n", isNullSeparated: false));

        Assert.Equal("limit-exceeded", refusal.Code);
        Assert.Contains("Line 2", refusal.Message);
    }

    [Fact]
    public async Task A_line_with_a_NUL_is_refused_with_a_hint()
    {
        CliException refusal = await Assert.ThrowsAsync<CliException>(
            () => ReadAsync("a\0b\n", isNullSeparated: false));

        Assert.Contains("--null", refusal.Message);
    }

    [Fact]
    public async Task Lines_longer_than_the_buffer_are_read_whole()
    {
        string line = new('x', 100_000);

        Assert.Equal($"{line}|b|{line}", await ReadAsync($"{line}\nb\n{line}", isNullSeparated: false));
    }

    private static async Task<string> ReadAsync(string input, bool isNullSeparated)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(input));
        LineReader reader = new(stream, isNullSeparated, bytesMax: 131_071);
        List<string> lines = [];
        while (await reader.ReadAsync(CancellationToken.None) is { } line)
        {
            lines.Add(Encoding.UTF8.GetString(line.Span));
        }

        return string.Join('|', lines);
    }
}
