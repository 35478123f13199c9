using System.Diagnostics;
using Xunit;

namespace Elasticity.EventStore.Tests;

/// <summary>A fact that mounts a disk of a few megabytes: only root on Linux may, and not in every container.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TinyDiskFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> CanMount = new(() =>
    {
        using TemporaryDirectory directory = new();
        return TryMount(directory.Path, "size=1m") && TryRun("umount", directory.Path);
    });

    public TinyDiskFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || !CanMount.Value)
        {
            Skip = "Needs the right to mount a tmpfs: root on Linux.";
        }
    }

    public static bool TryMount(string directory, string options) =>
        TryRun("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory);

    public static bool TryRun(string program, params string[] arguments)
    {
        try
        {
            ProcessStartInfo start = new(program) { RedirectStandardError = true };
            foreach (string argument in arguments)
            {
                start.ArgumentList.Add(argument);
            }

            using Process process = Process.Start(start)!;
            _ = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // no such program
        }
    }
}
