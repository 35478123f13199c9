namespace Elasticity.Contracts;

/// <summary>The servers that speak for the same jobs: the silos of a cluster, or a server and its standby. One is asked
/// at a time, the first to begin with; the next when it cannot be used. Safe for concurrent use.</summary>
public sealed class ServerList
{
    private readonly string[] _servers;
    private int _current;

    /// <summary>Makes a list.</summary>
    /// <param name="first">The server that is asked first.</param>
    /// <param name="others">Those that are asked when it cannot be, in turn; may be empty.</param>
    public ServerList(Uri first, IEnumerable<Uri> others)
    {
        ArgumentNullException.ThrowIfNull(first);
        _servers = [.. others.Prepend(first).Select(s => s.AbsoluteUri.TrimEnd('/'))];
    }

    /// <summary>How many there are; at least one.</summary>
    public int Count => _servers.Length;

    /// <summary>The server to ask now, without a slash at the end.</summary>
    public string Current => _servers[Volatile.Read(ref _current)];

    /// <summary>Goes on to the next server, and after the last to the first.</summary>
    /// <param name="failed">The server that could not be used; nothing happens when another is asked by now.</param>
    public void Leave(string failed)
    {
        int current = Volatile.Read(ref _current);
        if (_servers[current] == failed)
        {
            Interlocked.CompareExchange(ref _current, (current + 1) % _servers.Length, current);
        }
    }

    /// <summary>Whether something is the address of a server.</summary>
    /// <param name="address">The address.</param>
    /// <returns>True for an absolute one of HTTP.</returns>
    public static bool IsAddress(Uri? address) => address is { IsAbsoluteUri: true, Scheme: "http" or "https" };
}
