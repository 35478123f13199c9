using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Xunit;

namespace Elasticity.Silo.Tests;

/// <summary>A silo in a process of its own, killed when the test is over.</summary>
internal sealed partial class SiloProcess : IDisposable
{
    private const int SigTerm = 15;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2); // For machines with much else to do.

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private SiloProcess(Process process, Uri address)
    {
        _process = process;
        Http = new HttpClient { BaseAddress = address, Timeout = Patience };
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public HttpClient Http { get; }

    public string Output => string.Join('\n', _output);

    /// <summary>The program: <c>elasticity-silo</c>, or another that is the same with more.</summary>
    public static string Program { get; set; } = typeof(SiloOptions).Assembly.Location;

    /// <summary>Starts it as it stands.</summary>
    public static SiloProcess Start(params string[] arguments) =>
        new(Launch(Program, arguments), new Uri("http://127.0.0.1:9")); // Nothing is asked of it.

    /// <summary>Starts a silo on ports of its own.</summary>
    public static SiloProcess StartSilo(params string[] arguments) => StartSiloOf(Program, arguments);

    /// <summary>Starts a silo that is a program of somebody else on ports of its own.</summary>
    public static SiloProcess StartSiloOf(string program, params string[] arguments)
    {
        Uri address = new($"http://127.0.0.1:{FreePort()}");
        string[] own =
        [
            "--Listen", address.GetLeftPart(UriPartial.Authority),
            "--SiloPort", $"{FreePort()}",
            "--GatewayPort", $"{FreePort()}",
        ];
        return new SiloProcess(Launch(program, [.. own, .. arguments]), address);
    }

    /// <summary>Sends SIGTERM.</summary>
    public void Terminate() => Assert.Equal(0, Kill(_process.Id, SigTerm));

    /// <summary>Sends SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Waits for the end.</summary>
    public async Task<int> ExitAsync()
    {
        using CancellationTokenSource late = new(Patience);
        await _process.WaitForExitAsync(late.Token);
        return _process.ExitCode;
    }

    /// <summary>Waits until a path is answered so.</summary>
    public async Task<string> UntilAsync(string path, HttpStatusCode status, string text = "")
    {
        using CancellationTokenSource late = new(Patience);
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await Http.GetAsync(path, late.Token);
                if (answer.StatusCode == status)
                {
                    string body = await answer.Content.ReadAsStringAsync(late.Token);
                    if (body.Contains(text, StringComparison.Ordinal))
                    {
                        return body;
                    }
                }
            }
            catch (HttpRequestException) when (!_process.HasExited)
            {
                // It does not listen yet.
            }

            await PauseAsync(late.Token);
        }
    }

    /// <summary>Waits until it has said something.</summary>
    public async Task UntilItSaysAsync(string text)
    {
        using CancellationTokenSource late = new(Patience);
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            await PauseAsync(late.Token);
        }
    }

    public void Dispose()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task PauseAsync(CancellationToken late)
    {
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), late);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Waited for {Patience}. The silo says:\n{Output}");
        }
    }

    private static Process Launch(string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        foreach (string name in start.Environment.Keys
            .Where(n => n.StartsWith(SiloConfiguration.Prefix, StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        return Process.Start(start)!;
    }

    /// <summary>A port that nobody had a moment ago.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
