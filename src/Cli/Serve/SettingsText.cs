using Elasticity.Cli.CommandLine;
using Elasticity.Server;
using Elasticity.Server.Settings;

namespace Elasticity.Cli.Serve;

/// <summary>What <c>server --settings</c> shows.</summary>
internal static class SettingsText
{
    /// <summary>Writes all settings.</summary>
    public static void Write(Output output, ServerOptions options, IReadOnlyDictionary<string, string> sources)
    {
        if (!output.AsJson)
        {
            output.Table(
                ["setting", "value", "default", "range", "set by"],
                [.. ServerSettings.All.Select(s => (object?[])
                [
                    s.Name, s.Show(s.Get(options)), s.Default, s.Range, sources.GetValueOrDefault(s.Name),
                ])]);
            return;
        }

        foreach (Setting s in ServerSettings.All)
        {
            output.Json(
                new SettingDocument(
                    s.Name,
                    s.Show(s.Get(options)),
                    sources.GetValueOrDefault(s.Name),
                    s.Default,
                    s.Show(s.Min),
                    s.Show(s.Max),
                    s.Description),
                ServeJson.Default.SettingDocument);
        }
    }
}
