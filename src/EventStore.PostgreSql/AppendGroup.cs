namespace Elasticity.EventStore.PostgreSql;

/// <summary>Appends that share a transaction. No stream is in two of them, so that each can be refused
/// alone; and what one needs absent, none before it begins.</summary>
internal sealed class AppendGroup
{
    /// <summary>The most batches in one transaction: their ids stay a small row.</summary>
    public const int BatchesMax = 64;

    private const int EventsMax = 10_000;
    private const long BytesMax = 16 * 1024 * 1024;

    private readonly List<AppendRequest> _requests = [];
    private readonly HashSet<StreamId> _streams = [];
    private int _events;
    private long _bytes;

    public IReadOnlyList<AppendRequest> Requests => _requests;

    /// <summary>Takes a request in, unless it has to wait for the next transaction. The first always fits.</summary>
    public bool TryAdd(AppendRequest request)
    {
        int events = request.Batch.Streams.Sum(s => s.Events.Count);
        bool isFull = _requests.Count == BatchesMax
            || _events + events > EventsMax
            || _bytes + request.ByteCount > BytesMax
            || request.Trims.Count > 0
            || _requests is [{ Trims.Count: > 0 }]
            || request.Batch.Streams.Any(s => _streams.Contains(s.Stream))
            || request.Batch.Absent.Any(_streams.Contains);
        if (isFull && _requests.Count > 0)
        {
            return false;
        }

        _requests.Add(request);
        _events += events;
        _bytes += request.ByteCount;
        foreach (StreamAppend append in request.Batch.Streams)
        {
            _streams.Add(append.Stream);
        }

        return true;
    }
}
