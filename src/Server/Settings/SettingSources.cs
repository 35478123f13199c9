using System.Collections;
using System.Text.Json;

namespace Elasticity.Server.Settings;

/// <summary>
/// Where settings come from, the stronger last: a file, environment variables, the command line. An unknown name and a
/// bad value are refused wherever they stand: a limit that somebody believes in must not be silently another one.
/// </summary>
public static class SettingSources
{
    /// <summary>How the environment variables of settings begin.</summary>
    public const string VariablePrefix = "ELASTICITY__";

    /// <summary>The environment variable that names the file.</summary>
    public const string FileVariable = "ELASTICITY_CONFIG";

    /// <summary>The file in a data directory that is read when no other is named.</summary>
    public const string FileName = "elasticity.json";

    private const int NestingMax = 3;

    /// <summary>Applies everything that was set.</summary>
    /// <param name="options">What holds otherwise; its data directory may hold <see cref="FileName"/>.</param>
    /// <param name="file">The file that was named; null means that of <see cref="FileVariable"/> or of the data
    /// directory.</param>
    /// <param name="environment">The environment: names and values.</param>
    /// <param name="assignments">From the command line: <c>NAME=VALUE</c>.</param>
    /// <returns>The options, and where each setting that is set was found.</returns>
    /// <exception cref="ServerStartException"><c>settings-invalid</c>: the sentence says which, where, and what it may
    /// be. <c>settings-unreadable</c>: the file.</exception>
    public static (ServerOptions Options, IReadOnlyDictionary<string, string> Sources) Apply(
        ServerOptions options, string? file, IDictionary environment, IEnumerable<string> assignments)
    {
        Dictionary<string, string> sources = [];
        file ??= environment[FileVariable] as string is { Length: > 0 } named ? named : null;
        string own = Path.Combine(options.DataDirectory, FileName);
        foreach ((string name, string value, string source) in (file ?? (File.Exists(own) ? own : null)) is { } path
            ? OfFile(path)
            : [])
        {
            Apply(name, value, source);
        }

        foreach ((string name, string value, string source) in OfEnvironment(environment))
        {
            Apply(name, value, source);
        }

        foreach (string assignment in assignments)
        {
            int equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
            {
                throw Invalid($"--set is NAME=VALUE, such as limits.tasksPerJobMax=1000, not '{assignment}'.");
            }

            Apply(assignment[..equals].Trim(), assignment[(equals + 1)..].Trim(), "--set");
        }

        ServerSettings.Check(options);
        return (options, sources);

        void Apply(string name, string value, string source)
        {
            Setting setting = ServerSettings.Find(name) ?? throw Invalid($"There is no setting {name} ({source})."
                + (ServerSettings.Nearest(name) is { } near ? $" Is it {near}?" : string.Empty)
                + " 'elasticity server --settings' lists them all.");
            options = setting.Apply(options, value, source);
            sources[setting.Name] = source;
        }
    }

    private static IEnumerable<(string Name, string Value, string Source)> OfEnvironment(IDictionary environment) =>
        environment.Keys.Cast<string>()
            .Where(k => k.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .Select(k => (
                k[VariablePrefix.Length..].Replace("__", ".", StringComparison.Ordinal),
                (environment[k] as string ?? string.Empty).Trim(),
                $"environment variable {k}"));

    private static List<(string Name, string Value, string Source)> OfFile(string path)
    {
        try
        {
            JsonDocumentOptions lenient = new()
            {
                AllowTrailingCommas = true,
                CommentHandling = JsonCommentHandling.Skip,
                AllowDuplicateProperties = false,
                MaxDepth = NestingMax,
            };
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), lenient);
            List<(string, string, string)> values = [];
            Collect(document.RootElement, string.Empty, path, values);
            return values;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new ServerStartException(
                "settings-unreadable", $"The settings cannot be read from '{path}': {e.Message}", e);
        }
    }

    private static void Collect(
        JsonElement element, string name, string path, List<(string Name, string Value, string Source)> values)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    Collect(
                        member.Value, name.Length == 0 ? member.Name : $"{name}.{member.Name}", path, values);
                }

                break;
            case JsonValueKind.Number or JsonValueKind.String when name.Length > 0:
                values.Add((name, element.ToString(), path));
                break;
            default:
                throw Invalid(name.Length == 0
                    ? $"The settings in '{path}' are a JSON object, such as "
                        + """{ "limits": { "tasksPerJobMax": 1000 } }."""
                    : $"{name} in '{path}' is a number or a text, not {element.ValueKind}.");
        }
    }

    private static ServerStartException Invalid(string message) => new("settings-invalid", message);
}
