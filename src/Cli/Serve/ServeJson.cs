using System.Text.Json.Serialization;

namespace Elasticity.Cli.Serve;

/// <summary>What <c>server --json</c> prints when it serves.</summary>
/// <param name="Listening">An address.</param>
internal sealed record ListeningDocument(string Listening);

/// <summary>What <c>keys --json</c> prints for each key.</summary>
/// <param name="Name">Who it is for.</param>
/// <param name="Roles">What it may do.</param>
/// <param name="Key">The key itself, only when it is made.</param>
internal sealed record KeyDocument(string Name, IReadOnlyList<string> Roles, string? Key = null);

/// <summary>What <c>server --settings --json</c> prints for each setting.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Value">The value in force.</param>
/// <param name="Source">Where that was said; null for the default.</param>
/// <param name="Default">The value if nobody says anything.</param>
/// <param name="Min">The smallest value.</param>
/// <param name="Max">The greatest value.</param>
/// <param name="Description">What it does.</param>
internal sealed record SettingDocument(
    string Name, string Value, string? Source, string Default, string Min, string Max, string Description);

/// <summary>The JSON of <c>server</c> and <c>keys</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ListeningDocument))]
[JsonSerializable(typeof(KeyDocument))]
[JsonSerializable(typeof(SettingDocument))]
internal sealed partial class ServeJson : JsonSerializerContext;
