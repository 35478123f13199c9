using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Elasticity.Cli.Exec;

/// <summary>A command and whatever it started, ended together.</summary>
internal static class ProcessGroup
{
    private const int Terminate = 15; // SIGTERM on Linux, macOS and the BSDs
    private const int Kill = 9; // SIGKILL, likewise

    /// <summary>The program that makes a command the leader of a group of its own; null where there is none.</summary>
    public static string? Setsid { get; } = Find("setsid");

    /// <summary>Asks a group to end.</summary>
    public static void AskToEnd(Process leader)
    {
        if (Setsid is not null)
        {
            _ = Signal(-leader.Id, Terminate);
        }
        else if (!OperatingSystem.IsWindows())
        {
            _ = Signal(leader.Id, Terminate);
        }
    }

    /// <summary>Ends a group at once. Also after its leader has ended: then what it left behind.</summary>
    public static void End(Process leader)
    {
        if (Setsid is not null)
        {
            _ = Signal(-leader.Id, Kill);
            return;
        }

        try
        {
            leader.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
        catch (Win32Exception)
        {
            // It is ending.
        }
    }

    private static string? Find(string program) => OperatingSystem.IsWindows()
        ? null
        : (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(d => Path.Combine(d, program))
            .FirstOrDefault(File.Exists);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
