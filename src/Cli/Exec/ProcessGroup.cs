using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Elasticity.Cli.Exec;

/// <summary>A command and whatever it started, ended together.</summary>
internal static class ProcessGroup
{
    private const int Terminate = 15; // SIGTERM on Linux, macOS and the BSDs
    private const int Kill = 9; // SIGKILL, likewise
    private const int Nothing = 0; // only asks whether there is such a process

    /// <summary>The program that makes a command the leader of a group of its own; null where there is none.</summary>
    public static string? Setsid { get; } = Find("setsid");

    /// <summary>Asks a group to end.</summary>
    public static void AskToEnd(Process leader)
    {
        if (Setsid is not null)
        {
            SignalGroup(leader, Terminate);
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
            SignalGroup(leader, Kill);
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

    /// <summary>
    /// Signals a group whose leader may have ended, and been waited for: then its id is no process's any more. The
    /// system gives that id to no new process while the group has a member (POSIX, "process ID reuse"). So if there is
    /// a process of that id, the group has died out and the id is a stranger's, whose group must not be touched; if
    /// there is none, the id is still the group's, or nobody's. What is left is that the id is given away between the
    /// two calls: only after all other ids, which within microseconds is out of the question.
    /// </summary>
    private static void SignalGroup(Process leader, int signal)
    {
        if (!leader.HasExited || !Exists(leader.Id))
        {
            _ = Signal(-leader.Id, signal);
        }
    }

    private static bool Exists(int process)
    {
        const int NotPermitted = 1; // EPERM: it exists, and is somebody else's
        return Signal(process, Nothing) == 0 || Marshal.GetLastPInvokeError() == NotPermitted;
    }

    private static string? Find(string program) => OperatingSystem.IsWindows()
        ? null
        : (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(d => Path.Combine(d, program))
            .FirstOrDefault(File.Exists);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
