using System.Diagnostics;
using Elasticity.EventStore;

namespace Elasticity.Benchmarks.Append;

/// <summary>Appends to a stream of its own: one event, and the next once that is acknowledged.</summary>
internal sealed class Producer
{
    private const string EventType = "bench-appended-1";

    private readonly IEventStore _store;
    private readonly StreamId _stream;
    private readonly int _shard;
    private readonly byte[] _content;
    private StreamHead _head = StreamHead.None;

    /// <summary>Makes a producer.</summary>
    /// <param name="store">An empty store.</param>
    /// <param name="number">Which of the producers.</param>
    /// <param name="content">What every event holds.</param>
    public Producer(IEventStore store, int number, byte[] content)
    {
        _store = store;
        _stream = new StreamId($"bench/{number}");
        _shard = number % store.ShardCount;
        _content = content;
    }

    /// <summary>From the call to the acknowledgement, for each that came in the window.</summary>
    public List<long> Acknowledgements { get; } = [];

    /// <summary>Appends until the window is over.</summary>
    public async Task RunAsync(Window window)
    {
        for (long start = Stopwatch.GetTimestamp(); !window.IsOver(start);)
        {
            await AppendAsync();
            long end = Stopwatch.GetTimestamp();
            if (window.Contains(end))
            {
                Acknowledgements.Add(end - start);
            }

            start = end;
        }
    }

    private async Task AppendAsync()
    {
        Hash256 hash = HashChain.Link(_stream, _head.Version + 1, _head.Hash, EventType, default, _content, default);
        StreamAppend append = new(
            _stream, _head, _shard, IsOpen: true, [new EventRecord(EventType, default, _content, default, hash)]);
        AppendResult result = await _store.AppendAsync(
            new AppendBatch(Guid.CreateVersion7(), [append], []), CancellationToken.None);
        if (result is not AppendResult.Appended)
        {
            throw new InvalidOperationException($"{_stream} was not appended to: {result}.");
        }

        _head = append.Next;
    }
}
