using System.Text.Json;

namespace Elasticity.Benchmarks;

/// <summary>What a measurement says: a line of JSON for programs, a sentence for whoever watches.</summary>
internal static class Output
{
    /// <summary>Writes both.</summary>
    /// <param name="result">Becomes a line of JSON on standard output.</param>
    /// <param name="sentence">Goes to standard error.</param>
    public static void Write<T>(T result, string sentence)
    {
        Console.Error.WriteLine(sentence);
        Console.WriteLine(JsonSerializer.Serialize(result, JsonSerializerOptions.Web));
    }
}
