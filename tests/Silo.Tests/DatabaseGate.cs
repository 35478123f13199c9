using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Elasticity.Silo.Tests;

/// <summary>A way to the database that can be closed: connections break, and no new one comes about.</summary>
internal sealed class DatabaseGate : IAsyncDisposable
{
    private readonly NpgsqlConnectionStringBuilder _behind;
    private readonly ConcurrentBag<Socket> _open = [];
    private readonly int _port;
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Makes a gate; it is closed.</summary>
    public DatabaseGate(string behind)
    {
        _behind = new NpgsqlConnectionStringBuilder(behind);
        using Socket probe = Listen(0);
        _port = ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    /// <summary>A connection string that leads through the gate.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(_behind.ConnectionString)
    {
        Host = "127.0.0.1",
        Port = _port,
        Timeout = 5,
    }.ConnectionString;

    public void Open()
    {
        _listener = Listen(_port);
        _accepting = AcceptAsync(_listener);
    }

    public async Task CloseAsync()
    {
        _listener?.Dispose();
        await _accepting;
        while (_open.TryTake(out Socket? socket))
        {
            socket.Dispose();
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private static Socket Listen(int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen();
        return socket;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                Socket client = await listener.AcceptAsync();
                Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                _open.Add(client);
                _open.Add(server);
                await server.ConnectAsync(_behind.Host!, _behind.Port);
                _ = CopyAsync(client, server);
                _ = CopyAsync(server, client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        try
        {
            using NetworkStream source = new(from, ownsSocket: true);
            using NetworkStream target = new(to, ownsSocket: true);
            await source.CopyToAsync(target);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }
}
