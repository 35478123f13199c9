using System.CommandLine;
using Elasticity.Server;
using Elasticity.Server.Settings;

namespace Elasticity.Cli.CommandLine;

/// <summary>Limits and other settings, from the command line, the environment, and a file.</summary>
internal static class SettingsOptions
{
    private static readonly Option<string?> File = new("--config")
    {
        Description = $"The file with settings. Default: ${SettingSources.FileVariable}, or {SettingSources.FileName} "
            + "in the data directory if there is one",
        HelpName = "FILE",
    };

    private static readonly Option<string[]> Assignments = new("--set")
    {
        Description = "Sets one, such as limits.tasksPerJobMax=1000; may be given several times. "
            + "'elasticity server --settings' lists them.",
        HelpName = "NAME=VALUE",
    };

    /// <summary>Gives a command the options.</summary>
    public static void AddTo(Command command)
    {
        command.Add(File);
        command.Add(Assignments);
    }

    /// <summary>What is set, for a command that has the options.</summary>
    /// <exception cref="ServerStartException">Something is not right.</exception>
    public static (ServerOptions Options, IReadOnlyDictionary<string, string> Sources) Read(
        ParseResult parsed, ServerOptions options) => SettingSources.Apply(
            options,
            parsed.GetValue(File),
            Environment.GetEnvironmentVariables(),
            parsed.GetValue(Assignments) ?? []);

    /// <summary>What is set for a data directory, for a command without the options.</summary>
    /// <exception cref="ServerStartException">Something is not right.</exception>
    public static ServerOptions Of(string directory) => SettingSources.Apply(
        new ServerOptions { DataDirectory = directory }, null, Environment.GetEnvironmentVariables(), []).Options;
}
