using System.Net.Sockets;
using System.Text;
using Elasticity.Api;
using Elasticity.Cli.CommandLine;
using Elasticity.Client.Http;
using Elasticity.Domain;
using Elasticity.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Elasticity.Cli.Stores;

/// <summary>
/// How other processes steer what runs in a data directory: the HTTP API on a Unix socket in it. Whoever may write to
/// the directory may connect, and nobody else.
/// </summary>
internal sealed class ControlSocket : IAsyncDisposable
{
    /// <summary>The socket's name in the directory.</summary>
    public const string FileName = "control.sock";

    // What the address of a Unix socket has room for on every system, its last zero left out.
    private const int PathBytesMax = 103;

    // Told to the server's guard against web pages, never resolved.
    private static readonly Uri Here = new("http://localhost");

    private readonly WebApplication _app;
    private readonly string _path;

    private ControlSocket(WebApplication app, string path)
    {
        _app = app;
        _path = path;
    }

    /// <summary>Listens in a directory that this process owns. A socket of a process that died is removed.</summary>
    /// <returns>Null where it cannot: the path is too long, or the file system has no sockets. Work goes on without
    /// it.</returns>
    public static async Task<ControlSocket?> ListenAsync(string directory, IElasticity engine, Limits limits)
    {
        string path = PathOf(directory);
        if (Encoding.UTF8.GetByteCount(path) > PathBytesMax)
        {
            return null;
        }

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(engine);
        builder.Services.AddElasticityApi(_ => new ApiOptions { Limits = limits });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path));
        WebApplication app = builder.Build();
        try
        {
            app.UseRouting();
            app.MapElasticityApi();
            File.Delete(path);
            await app.StartAsync();
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            return new ControlSocket(app, path);
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
        {
            await app.DisposeAsync();
            return null;
        }
    }

    /// <summary>Connects to the process that owns a directory.</summary>
    /// <returns>Null when it does not listen.</returns>
    public static async Task<Access<IElasticity>?> ConnectAsync(
        string directory, Limits limits, CancellationToken cancellationToken)
    {
        string path = PathOf(directory);
        try
        {
            (await OpenAsync(path, cancellationToken)).Dispose();
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return null; // Nobody listens, or nobody could: the path is too long.
        }

        HttpClient client = new(new SocketsHttpHandler
        {
            ConnectCallback = async (_, stop) => new NetworkStream(await OpenAsync(path, stop), ownsSocket: true),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        HttpElasticity owner = new(new HttpElasticityOptions { Server = Here, Limits = limits }, client);
        return new Access<IElasticity>(owner, () =>
        {
            owner.Dispose();
            client.Dispose();
        });
    }

    /// <summary>Answers what was asked, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        File.Delete(_path);
    }

    private static string PathOf(string directory) => Path.Combine(Path.GetFullPath(directory), FileName);

    private static async Task<Socket> OpenAsync(string path, CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
