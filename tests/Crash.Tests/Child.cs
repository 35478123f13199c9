using System.Diagnostics;

namespace Elasticity.Crash.Tests;

/// <summary>A <see cref="Program"/> in a process of its own.</summary>
internal sealed class Child : IDisposable
{
    private readonly Process _process;

    private Child(Process process) => _process = process;

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
        Task<string> errors = child._process.StandardError.ReadToEndAsync();
        if (await child._process.StandardOutput.ReadLineAsync() != Program.Up)
        {
            throw new InvalidOperationException($"The {arguments[0]} did not come up: {await errors}");
        }

        _ = child._process.StandardOutput.ReadToEndAsync();
        return child;
    }

    /// <summary>Kills it in the middle of whatever it does (SIGKILL).</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
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
