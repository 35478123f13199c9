using System.Text.RegularExpressions;
using Xunit;

namespace Elasticity.Architecture.Tests;

/// <summary>What the functional core may not touch. Comments and strings do not count.</summary>
public class PurityTests
{
    private static readonly string[] Clock =
    [
        @"\bDateTime(Offset)?\s*\.\s*(Now|UtcNow|Today)\b", @"\bTimeProvider\b", @"\bStopwatch\b", @"\bEnvironment\b",
    ];

    private static readonly string[] Waiting =
    [
        @"(?<![\w.])(Value)?Task\s*\.", @"\b(Value)?Task\s*<", @"\b(async|await)\b", @"\bThread(Pool|Local)?\b",
        @"\bSystem\s*\.\s*(Threading|Timers)\b", @"\b(Periodic|I)?Timer\b", @"\bMonitor\s*\.", @"\bInterlocked\b",
        @"\bSemaphore(Slim)?\b", @"\bParallel\s*\.", @"\block\s*\(", @"\bvolatile\b",
    ];

    private static readonly string[] Chance =
    [
        @"\bGuid\s*\.\s*(NewGuid|CreateVersion7)\b", @"\bRandom\s*\.\s*Shared\b", @"\bnew\s+Random\b",
        @"\bRandomNumberGenerator\b",
    ];

    private static readonly string[] World =
    [
        @"\bHttpClient\b", @"(?<![\w.])(File|Directory)\s*\.", @"\b(FileInfo|DirectoryInfo|FileStream)\b",
        @"\bConsole\b", @"\bSocket\b", @"\bSystem\s*\.\s*(IO|Net)\b", @"(?<![\w.])Process\s*\.",
    ];

    [Fact]
    public void The_domain_is_given_everything_it_knows() =>
        Offences.None(OffencesBelow("src/Domain", [.. Clock, .. Waiting, .. Chance, .. World]));

    [Fact]
    public void The_core_of_the_embedded_engine_never_waits_and_reads_no_clock() =>
        Offences.None(OffencesBelow("src/Engine.Embedded/Core", [.. Clock, .. Waiting, .. Chance, .. World]));

    [Fact]
    public void The_core_of_the_agent_never_waits_and_reads_no_clock() =>
        Offences.None(OffencesBelow("src/Agent.Sdk/Core", [.. Clock, .. Waiting, .. Chance, .. World]));

    [Theory]
    [InlineData("var now = DateTimeOffset.UtcNow;")]
    [InlineData("var start = Stopwatch.GetTimestamp();")]
    [InlineData("int n = Environment.ProcessorCount;")]
    [InlineData("await Pump();")]
    [InlineData("return Task.CompletedTask;")]
    [InlineData("public Task<int> Count() => count;")]
    [InlineData("Thread.Sleep(1);")]
    [InlineData("using var timer = new Timer(Tick);")]
    [InlineData("var id = Guid.NewGuid();")]
    [InlineData("int jitter = Random.Shared.Next();")]
    [InlineData("private readonly HttpClient http;")]
    [InlineData("string text = File.ReadAllText(path);")]
    [InlineData("Console.WriteLine(state);")]
    public void An_impure_line_is_found(string line) => Assert.NotEmpty(OffencesIn(line));

    [Theory]
    [InlineData("var index = message.Task.Index;")]
    [InlineData("using Elasticity.Domain.Tasks;")]
    [InlineData("timers.Add(new LeaseTimer(at));")]
    [InlineData("throw new InvalidOperationException(\"Thread, File. and Console\");")]
    [InlineData("// The engine reads DateTime.UtcNow and passes it on.")]
    public void A_word_of_the_domain_is_no_offence(string line) => Assert.Empty(OffencesIn(line));

    private static IEnumerable<string> OffencesIn(string code) =>
        Found(CSharpText.Blank(code), [.. Clock, .. Waiting, .. Chance, .. World]);

    private static IEnumerable<string> OffencesBelow(string folder, string[] banned) =>
        from file in Repository.Under(folder, "*.cs")
        from word in Found(CSharpText.Blank(Repository.Read(file)), banned)
        select $"{file}: {word}";

    private static IEnumerable<string> Found(string code, string[] banned) =>
        from pattern in banned
        from Match match in Regex.Matches(code, pattern)
        select $"line {code.AsSpan(0, match.Index).Count('\n') + 1} uses {match.Value}";
}
