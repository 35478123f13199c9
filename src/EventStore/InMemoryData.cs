using System.Globalization;

namespace Elasticity.EventStore;

/// <summary>What an <see cref="InMemoryEventStore"/> holds. Not thread-safe: the store locks it.</summary>
internal sealed class InMemoryData
{
    private readonly Dictionary<string, Entry> _streams = [];
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _open = new(StringComparer.Ordinal);

    // A stream knows the places of its events; a trimmed event leaves null, so that cursors stay valid.
    private readonly List<StoredEvent?> _log = [];

    public InMemoryData(int shardCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shardCount, 1);
        ShardCount = shardCount;
    }

    public int ShardCount { get; }

    public HashSet<Guid> Batches { get; } = [];

    public Dictionary<string, JobRow> Jobs { get; } = [];

    public bool IsJobListComplete { get; set; } = true;

    public StreamHead HeadOf(StreamId stream) =>
        _streams.TryGetValue(stream.Value, out Entry? entry) ? entry.Head : StreamHead.None;

    public AppendResult Append(AppendBatch batch)
    {
        if (ConflictIn(batch) is { } conflict)
        {
            return conflict;
        }

        Write(batch);
        return AppendResult.Appended.Instance;
    }

    public AppendResult Trim(IReadOnlyList<StreamInfo> streams, AppendBatch tombstone)
    {
        foreach (StreamInfo stream in streams)
        {
            StreamHead actual = HeadOf(stream.Stream);
            if (actual.Version == 0 || actual != stream.Head || _open.Contains(stream.Stream.Value))
            {
                return new AppendResult.Conflict(stream.Stream, actual);
            }
        }

        if (ConflictIn(tombstone) is { } conflict)
        {
            return conflict;
        }

        foreach (StreamInfo stream in streams)
        {
            Remove(stream.Stream.Value);
        }

        Write(tombstone);
        return AppendResult.Appended.Instance;
    }

    public void Upsert(JobRow row)
    {
        if (!Jobs.TryGetValue(row.Id, out JobRow? stored) || stored.Version <= row.Version)
        {
            Jobs[row.Id] = row;
        }
    }

    public bool Erase(StreamId stream, long version, ReadOnlyMemory<byte> erased)
    {
        if (!_streams.TryGetValue(stream.Value, out Entry? entry) || version < 1 || version > entry.Places.Count)
        {
            return false;
        }

        int place = entry.Places[(int)version - 1];
        StoredEvent stored = _log[place]!;
        if (Attachments.Root(stored.Record.Attachments) != Attachments.Root(erased))
        {
            return false;
        }

        _log[place] = stored with { Record = stored.Record with { Attachments = erased } };
        return true;
    }

    public List<StoredEvent> ReadStream(StreamId stream, long from, int limit, bool withAttachments)
    {
        List<StoredEvent> events = [];
        if (!_streams.TryGetValue(stream.Value, out Entry? entry))
        {
            return events;
        }

        for (long version = Math.Max(from, 1); version <= entry.Places.Count && events.Count < limit; version++)
        {
            events.Add(View(_log[entry.Places[(int)version - 1]]!, withAttachments));
        }

        return events;
    }

    public LogPage ReadLog(LogCursor after, int limit, bool withAttachments)
    {
        int next = 0;
        if (after != LogCursor.Start
            && !int.TryParse(after.Value, NumberStyles.None, CultureInfo.InvariantCulture, out next))
        {
            throw new ArgumentException($"'{after.Value}' is no cursor of this store.", nameof(after));
        }

        if (next > _log.Count)
        {
            throw new CursorUnknownException(after);
        }

        List<StoredEvent> events = [];
        LogCursor cursor = after;
        for (; next < _log.Count; next++)
        {
            if (_log[next] is not { } stored)
            {
                continue;
            }

            if (events.Count == limit)
            {
                return new LogPage(events, cursor, IsEnd: false);
            }

            events.Add(View(stored, withAttachments));
            cursor = new LogCursor((next + 1).ToString(CultureInfo.InvariantCulture));
        }

        return new LogPage(events, cursor, IsEnd: true);
    }

    public List<StreamInfo> List(string prefix, StreamId? after, int limit) =>
        [.. From(_names, prefix, after).Take(limit).Select(Info)];

    public List<StreamInfo> ListOpen(int? shard, string prefix, StreamId? after, int limit) =>
        [.. From(_open, prefix, after)
            .Where(n => shard is null || _streams[n].Shard == shard)
            .Take(limit)
            .Select(Info)];

    private static IEnumerable<string> From(SortedSet<string> names, string prefix, StreamId? after)
    {
        string first = after is { } last && string.CompareOrdinal(last.Value, prefix) > 0 ? last.Value : prefix;
        if (names.Count == 0 || string.CompareOrdinal(first, names.Max) > 0)
        {
            return [];
        }

        return names.GetViewBetween(first, names.Max)
            .SkipWhile(n => n == after?.Value)
            .TakeWhile(n => n.StartsWith(prefix, StringComparison.Ordinal));
    }

    private static StoredEvent View(StoredEvent stored, bool withAttachments) =>
        withAttachments || stored.Record.Attachments.IsEmpty
            ? stored
            : stored with { Record = stored.Record with { Attachments = default } };

    private StreamInfo Info(string name) => new(new StreamId(name), _streams[name].Head, _open.Contains(name));

    private AppendResult.Conflict? ConflictIn(AppendBatch batch)
    {
        foreach (StreamAppend append in batch.Streams)
        {
            StreamHead actual = HeadOf(append.Stream);
            if (actual != append.Expected)
            {
                return new AppendResult.Conflict(append.Stream, actual);
            }
        }

        foreach (StreamId stream in batch.Absent)
        {
            StreamHead actual = HeadOf(stream);
            if (actual != StreamHead.None)
            {
                return new AppendResult.Conflict(stream, actual);
            }
        }

        return null;
    }

    private void Write(AppendBatch batch)
    {
        foreach (StreamAppend append in batch.Streams)
        {
            Write(append);
        }

        foreach (JobRow row in batch.Jobs)
        {
            Upsert(row);
        }

        Batches.Add(batch.Id);
    }

    private void Write(StreamAppend append)
    {
        string name = append.Stream.Value;
        if (!_streams.TryGetValue(name, out Entry? entry))
        {
            entry = new Entry();
            _streams.Add(name, entry);
            _names.Add(name);
        }

        foreach (EventRecord record in append.Events)
        {
            entry.Places.Add(_log.Count);
            _log.Add(new StoredEvent(append.Stream, entry.Places.Count, record));
        }

        entry.Head = append.Next;
        entry.Shard = append.Shard;
        if (append.IsOpen)
        {
            _open.Add(name);
        }
        else
        {
            _open.Remove(name);
        }
    }

    private void Remove(string name)
    {
        if (_streams.Remove(name, out Entry? entry))
        {
            _names.Remove(name);
            foreach (int place in entry.Places)
            {
                _log[place] = null;
            }
        }
    }

    private sealed class Entry
    {
        public StreamHead Head { get; set; }

        public int Shard { get; set; }

        public List<int> Places { get; } = [];
    }
}
