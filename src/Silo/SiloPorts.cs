using System.Net;
using System.Net.Sockets;

namespace Elasticity.Silo;

/// <summary>Whether the ports of a silo are free. It is asked before the silo joins: a newcomer with the address of a
/// member has the member declared dead, and Orleans shares ports that are taken, so that calls meant for the one
/// reach the other.</summary>
internal static class SiloPorts
{
    /// <summary>Tries all of them.</summary>
    /// <param name="options">Which.</param>
    /// <param name="address">That of the silo.</param>
    /// <exception cref="InvalidOperationException">One cannot be used; says which, and why.</exception>
    public static void Check(SiloOptions options, IPAddress address)
    {
        Try(nameof(options.SiloPort), address, options.SiloPort);
        Try(nameof(options.GatewayPort), address, options.GatewayPort);
        Try(nameof(options.Listen), AddressOf(options.Listen), options.Listen.Port);
    }

    /// <summary>As Kestrel reads it: this machine, an address, or all addresses for anything else.</summary>
    private static IPAddress AddressOf(Uri listen) =>
        listen.Host == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(listen.DnsSafeHost, out IPAddress? one) ? one
        : IPAddress.Any;

    private static void Try(string option, IPAddress address, int port)
    {
        try
        {
            using Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(); // Two may be bound to a port, but not both listen.
        }
        catch (SocketException e)
        {
            string why = e.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? "another process listens there"
                : e.Message.TrimEnd('.');
            throw new InvalidOperationException(
                $"--{option}: {new IPEndPoint(address, port)} cannot be used: {why}.", e);
        }
    }
}
