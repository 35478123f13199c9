using System.Diagnostics;

namespace Elasticity.EventStore.Tests;

/// <summary>Runs <see cref="Program"/> beside the tests.</summary>
internal sealed class OtherProcess : IDisposable
{
    private readonly Process _process;

    private OtherProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Starts it, and waits until it has opened the store.</summary>
    public static async Task<OtherProcess> StartAsync(string what, string directory)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (string argument in (string[])["exec", typeof(Program).Assembly.Location, what, directory])
        {
            start.ArgumentList.Add(argument);
        }

        OtherProcess other = new(Process.Start(start)!);
        return await other.ReadLineAsync() == "open"
            ? other
            : throw new InvalidOperationException("The other process could not open the store.");
    }

    public Task<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync();

    /// <summary>Kills it in the middle of whatever it does (SIGKILL).</summary>
    /// <returns>What it had printed and nobody had read.</returns>
    public async Task<string[]> KillAsync()
    {
        _process.Kill();
        string rest = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return rest.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public async Task EndAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
