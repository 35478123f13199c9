using System.Runtime.InteropServices;
using Elasticity.EventStore;

namespace Elasticity.Engine.Embedded.Core;

/// <summary>What one or more steps of the core want done, in this order: append, then answer and load.</summary>
public sealed class CoreBatch
{
    private readonly Dictionary<StreamId, Growing> _streams = [];
    private readonly Dictionary<string, JobRow> _jobs = [];
    private readonly List<(object Caller, object Answer)> _answers = [];
    private readonly List<CoreLoad> _loads = [];

    /// <summary>How many events it holds.</summary>
    public int EventCount { get; private set; }

    /// <summary>How many bytes its events have.</summary>
    public long ByteCount { get; private set; }

    /// <summary>Whether there is nothing to append.</summary>
    public bool HasNoEvents => EventCount == 0;

    /// <summary>Whether there is nothing to do at all.</summary>
    public bool IsEmpty => HasNoEvents && _answers.Count == 0 && _loads.Count == 0;

    /// <summary>What to tell whom when it is durable.</summary>
    public IReadOnlyList<(object Caller, object Answer)> Answers => _answers;

    /// <summary>What to read when it is durable.</summary>
    public IReadOnlyList<CoreLoad> Loads => _loads;

    /// <summary>Makes the batch that the store appends.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>The batch.</returns>
    public AppendBatch ToAppend(Guid id) => new(
        id,
        [.. _streams.Select(
            s => new StreamAppend(s.Key, s.Value.Expected, s.Value.Shard, s.Value.IsOpen, s.Value.Events))],
        [.. _jobs.Values]);

    internal void Add(StreamId stream, StreamHead expected, int shard, EventRecord record)
    {
        ref Growing? growing = ref CollectionsMarshal.GetValueRefOrAddDefault(_streams, stream, out _);
        growing ??= new Growing { Expected = expected, Shard = shard };
        growing.Events.Add(record);
        EventCount++;
        ByteCount += record.Content.Length + record.Attachments.Length;
    }

    /// <summary>Says whether a stream is open after its events.</summary>
    /// <returns>False when the batch has no event of the stream.</returns>
    internal bool SetOpen(StreamId stream, bool isOpen)
    {
        if (!_streams.TryGetValue(stream, out Growing? growing))
        {
            return false;
        }

        growing.IsOpen = isOpen;
        return true;
    }

    internal void Show(JobRow row) => _jobs[row.Id] = row;

    internal void Answer(object? caller, object answer)
    {
        if (caller is not null)
        {
            _answers.Add((caller, answer));
        }
    }

    internal void Load(CoreLoad load) => _loads.Add(load);

    private sealed class Growing
    {
        public required StreamHead Expected { get; init; }

        public required int Shard { get; init; }

        public bool IsOpen { get; set; }

        public List<EventRecord> Events { get; } = [];
    }
}
