using System.Text.Json;

namespace Elasticity.Cli.Tests.Support;

/// <summary>A line of a results file, read with nothing of the program's own.</summary>
internal sealed record ResultLine(
    int Task,
    string? Name,
    string? Argument,
    string? ArgumentBase64,
    string State,
    int Attempts,
    int? ExitCode,
    string? Output,
    string? OutputBase64,
    long? OutputDropped,
    string? ErrorOutput,
    string? Failure,
    string? Reason)
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static ResultLine Read(string line) => JsonSerializer.Deserialize<ResultLine>(line, Web)!;
}
