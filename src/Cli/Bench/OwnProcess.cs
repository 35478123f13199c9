using System.Diagnostics;
using Elasticity.Cli.CommandLine;

namespace Elasticity.Cli.Bench;

/// <summary>This program once more, in a process of its own.</summary>
internal sealed class OwnProcess : IDisposable
{
    private static readonly string[] DotnetNames = ["dotnet", "dotnet.exe"];

    private readonly Process _process;

    private OwnProcess(Process process) => _process = process;

    /// <summary>Its id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it runs no longer.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Starts it. What it says of trouble comes out here.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="key">The API key, in its environment, where other users do not see it; null for none.</param>
    public static OwnProcess Start(IEnumerable<string> arguments, string? key)
    {
        string program = Environment.ProcessPath!;
        bool isDotnet = DotnetNames.Contains(Path.GetFileName(program), StringComparer.OrdinalIgnoreCase);
        string[] assembly = isDotnet ? [Environment.GetCommandLineArgs()[0]] : [];
        ProcessStartInfo start = new(program, [.. assembly, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (key is not null)
        {
            start.Environment["ELASTICITY_KEY"] = key;
        }

        return new OwnProcess(Process.Start(start)!);
    }

    /// <summary>Waits for a line of its output, and reads no further.</summary>
    /// <param name="beginning">How the line begins.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="CliException">It ended before.</exception>
    public async Task<string> LineAsync(string beginning, CancellationToken cancellationToken)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new CliException(
            ExitCode.Unavailable, "bench-broken", "A process of the measurement did not start; see above.");
    }

    /// <summary>Gives it a line to read.</summary>
    public void Say(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Ends it at once: it only served a measurement.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
