using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Elasticity.EventStore.PostgreSql.Tests;

/// <summary>A PostgreSQL that belongs to one test: on the loopback address only, removed afterwards.</summary>
internal sealed class PrivateServer : IAsyncDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("elasticity-pg.").FullName;
    private readonly int _port = FreePort();

    /// <summary>Where initdb and pg_ctl are; null when there are none.</summary>
    public static string? Binaries { get; } = FindBinaries();

    public string ConnectionString => $"Host=127.0.0.1;Port={_port};Username=elasticity;Database=postgres;Timeout=5";

    public static async Task<PrivateServer> StartAsync()
    {
        if (Binaries is null)
        {
            throw new InvalidOperationException("There are no programs of PostgreSQL: initdb and pg_ctl.");
        }

        PrivateServer server = new();
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "postgres", server._home);
        }

        // Trust is enough: the server listens to this machine for as long as one test runs, and holds nothing.
        await AsPostgresAsync("initdb", "-D", server.Data, "-U", "elasticity", "--auth=trust", "--encoding=UTF8",
            "--locale=C", "--no-sync");
        await server.ResumeAsync();
        return server;
    }

    /// <summary>Ends the server as a power failure would: nothing is flushed, nobody is told.</summary>
    public Task CrashAsync() => AsPostgresAsync("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");

    /// <summary>Ends the server in an orderly way, with its connections.</summary>
    public Task StopAsync() => AsPostgresAsync("pg_ctl", "-D", Data, "-m", "fast", "-w", "stop");

    public Task ResumeAsync() => AsPostgresAsync("pg_ctl", "-D", Data, "-l", Path.Combine(_home, "log"), "-w", "start",
        "-o", $"-p {_port} -k {_home} -c listen_addresses=127.0.0.1");

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
        {
            await CrashAsync();
        }

        Directory.Delete(_home, recursive: true);
    }

    private string Data => Path.Combine(_home, "data");

    private static string? FindBinaries()
    {
        const string Debian = "/usr/lib/postgresql";
        string[] folders = OperatingSystem.IsWindows() ? [] :
        [
            .. Directory.Exists(Debian) ? Directory.GetDirectories(Debian).Select(d => Path.Combine(d, "bin")) : [],
            .. (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator),
        ];
        return folders.FirstOrDefault(
            f => File.Exists(Path.Combine(f, "initdb")) && File.Exists(Path.Combine(f, "pg_ctl")));
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // PostgreSQL refuses to run as root.
    private static Task AsPostgresAsync(string program, params string[] arguments)
    {
        string path = Path.Combine(Binaries!, program);
        return Environment.IsPrivilegedProcess
            ? RunAsync("runuser", ["-u", "postgres", "--", path, .. arguments])
            : RunAsync(path, arguments);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // Without a pipe: the server would inherit it, and the end of output would never come.
        const string Quietly = "exec \"$@\" >/dev/null 2>&1 </dev/null";
        string[] line = ["-c", Quietly, "sh", program, .. arguments];
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", line) { WorkingDirectory = "/" })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }
}
