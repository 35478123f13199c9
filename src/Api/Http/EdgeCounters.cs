using System.Collections.Concurrent;

namespace Elasticity.Api.Http;

/// <summary>What the edge counts for <c>/metrics</c>.</summary>
internal sealed class EdgeCounters
{
    private const int CodesMax = 100;

    private readonly long[] _requests = new long[6];
    private readonly ConcurrentDictionary<string, long> _problems = new();
    private int _streams;

    /// <summary>Open streams of server-sent events.</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <summary>Problems by code.</summary>
    public IEnumerable<KeyValuePair<string, long>> Problems => _problems.OrderBy(p => p.Key, StringComparer.Ordinal);

    /// <summary>Counts an answered request.</summary>
    public void Request(int status) => Interlocked.Increment(ref _requests[Math.Clamp(status / 100, 0, 5)]);

    /// <summary>How many requests were answered with a status of this hundred.</summary>
    public long Requests(int hundred) => Volatile.Read(ref _requests[hundred]);

    /// <summary>Counts a problem. Codes come from tables, not from requests; the limit is for engines to
    /// come.</summary>
    public void Problem(string code)
    {
        if (_problems.Count < CodesMax || _problems.ContainsKey(code))
        {
            _problems.AddOrUpdate(code, 1, (_, n) => n + 1);
        }
    }

    /// <summary>Takes a place for a stream.</summary>
    /// <returns>False when all are taken.</returns>
    public bool TryOpenStream(int max)
    {
        if (Interlocked.Increment(ref _streams) <= max)
        {
            return true;
        }

        CloseStream();
        return false;
    }

    /// <summary>Gives the place back.</summary>
    public void CloseStream() => Interlocked.Decrement(ref _streams);
}
