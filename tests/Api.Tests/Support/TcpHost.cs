using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Elasticity.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Elasticity.Api.Tests.Support;

/// <summary>The API behind a real socket, spoken to byte by byte: what no client library would send.</summary>
internal sealed class TcpHost : IAsyncDisposable
{
    // A request that the server does not answer is a failure, not a test that never ends.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly WebApplication _app;
    private readonly IPEndPoint _address;
    private readonly byte[] _answer = new byte[256 * 1024];

    private TcpHost(WebApplication app, IPEndPoint address) => (_app, _address) = (app, address);

    public static async Task<TcpHost> StartAsync(IElasticity engine, ApiOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(l => l.SetMinimumLevel(LogLevel.None));
        builder.Services.AddSingleton(engine);
        builder.Services.AddElasticityApi(options);
        WebApplication app = builder.Build();
        app.UseRouting();
        app.MapElasticityApi();
        await app.StartAsync();
        Uri address = new(app.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.Single());
        return new TcpHost(app, new IPEndPoint(IPAddress.Loopback, address.Port));
    }

    /// <summary>Sends a request with a body of the length that it says.</summary>
    public Task<RawAnswer> SendAsync(HttpMethod method, string path, byte[] body) => SendAsync(
        method, path, string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}"), body);

    /// <summary>Sends a request as it is given, then no more, and reads until the server ends the connection.</summary>
    public Task<RawAnswer> SendAsync(HttpMethod method, string path, string headers, params byte[][] body) =>
        TalkAsync(method, path, headers, body, isBrokenOff: false);

    /// <summary>The same, and the client closes its side at the end of what is given.</summary>
    public Task<RawAnswer> BreakOffAsync(HttpMethod method, string path, string headers, params byte[][] body) =>
        TalkAsync(method, path, headers, body, isBrokenOff: true);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task SendAllAsync(
        Socket socket, byte[][] pieces, bool isBrokenOff, CancellationToken cancellationToken)
    {
        try
        {
            foreach (byte[] piece in pieces)
            {
                await socket.SendAsync(piece, cancellationToken);
            }

            if (isBrokenOff)
            {
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (SocketException)
        {
            // The server has heard enough; what it says to that is what counts.
        }
    }

    private async Task<RawAnswer> TalkAsync(
        HttpMethod method, string path, string headers, byte[][] body, bool isBrokenOff)
    {
        using CancellationTokenSource late = new(Patience);
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_address, late.Token);
        byte[] head = Encoding.Latin1.GetBytes(
            $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + $"Content-Type: application/json\r\n{headers}\r\n\r\n");
        return await TalkAsync(socket, [head, .. body], isBrokenOff, late.Token);
    }

    private async Task<RawAnswer> TalkAsync(
        Socket socket, byte[][] pieces, bool isBrokenOff, CancellationToken cancellationToken)
    {
        Task sending = SendAllAsync(socket, pieces, isBrokenOff, cancellationToken);
        int length = 0;
        try
        {
            int read;
            while ((read = await socket.ReceiveAsync(_answer.AsMemory(length), cancellationToken)) > 0)
            {
                length += read;
            }
        }
        catch (SocketException) when (length > 0 || isBrokenOff)
        {
            // Reset while it was still sent to, after the answer; or the server owes none.
        }

        await sending;
        return RawAnswer.Of(_answer.AsSpan(0, length));
    }
}

/// <summary>What a server said on a connection.</summary>
/// <param name="Status">The status; 0 when it said nothing.</param>
/// <param name="IsProblem">Whether it is a problem document.</param>
/// <param name="Length">How long it is with its headers, in bytes.</param>
/// <param name="Text">Its beginning, for a human.</param>
internal sealed record RawAnswer(int Status, bool IsProblem, int Length, string Text)
{
    private const int ShownBytes = 1_000;

    public static RawAnswer Of(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.Latin1.GetString(bytes[..Math.Min(ShownBytes, bytes.Length)]);
        return new RawAnswer(
            text.Length > "HTTP/1.1 200".Length ? int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture) : 0,
            text.Contains("application/problem+json", StringComparison.Ordinal),
            bytes.Length,
            text);
    }
}
