using System.Diagnostics;

namespace Elasticity.Architecture.Tests;

/// <summary>The scripts that <c>.ci/run</c> is made of.</summary>
internal static class CiScript
{
    /// <summary>Runs a function of a script on a file.</summary>
    /// <param name="script">The script in <c>.ci</c>.</param>
    /// <param name="function">The function, with its arguments; the name of the file comes behind them.</param>
    /// <param name="lines">What stands in the file.</param>
    /// <returns>What it printed, trimmed, and how it ended.</returns>
    public static (string Said, int ExitCode) Run(string script, string function, string[] lines)
    {
        string file = Path.Combine(AppContext.BaseDirectory, $"{script}-{Guid.NewGuid():N}");
        File.WriteAllLines(file, lines);
        string command = $"set -euo pipefail; . .ci/{script}; {function} \"$1\"";
        ProcessStartInfo start = new("bash", ["-c", command, "bash", file])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
        };
        using Process bash = Process.Start(start)!;
        string said = bash.StandardOutput.ReadToEnd().Trim();
        bash.WaitForExit();
        File.Delete(file);
        return (said, bash.ExitCode);
    }
}
