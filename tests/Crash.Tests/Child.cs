using System.Diagnostics;
using Xunit;

namespace Elasticity.Crash.Tests;

/// <summary>A <see cref="Program"/> in a process of its own.</summary>
internal sealed class Child : IDisposable
{
    private const int Killed = 128 + 9;

    private readonly Process _process;
    private readonly Task<string> _errors;

    private Child(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts it, and waits until it is up.</summary>
    public static async Task<Child> StartAsync(params string[] arguments)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in (string[])["exec", typeof(Program).Assembly.Location, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        Child child = new(Process.Start(start)!);
        if (await child._process.StandardOutput.ReadLineAsync() != Program.Up)
        {
            throw new InvalidOperationException($"The {arguments[0]} did not come up: {await child._errors}");
        }

        _ = child._process.StandardOutput.ReadToEndAsync();
        return child;
    }

    /// <summary>Kills it in the middle of whatever it does (SIGKILL).</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        Assert.True(
            OperatingSystem.IsWindows() || _process.ExitCode == Killed,
            $"It was not killed, it had ended with {_process.ExitCode}: {await _errors}");
    }

    /// <summary>Lets it stand still, or go on.</summary>
    /// <param name="signal">STOP or CONT.</param>
    public async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
