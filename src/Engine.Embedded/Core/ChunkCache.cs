using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;

namespace Elasticity.Engine.Embedded.Core;

/// <summary>The chunks of tasks in memory, so that a deep backlog costs a cursor and not its payloads. Least recently
/// used goes first.</summary>
internal sealed class ChunkCache(long bytesMax)
{
    /// <summary>What a task costs in memory besides its payload: measured, rounded up.</summary>
    private const int TaskBytes = 200;

    private readonly Dictionary<(JobId Job, long Version), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private long _bytes;

    /// <summary>Finds a chunk.</summary>
    public bool TryGet(JobId job, long version, out ImmutableArray<TaskSpec> tasks)
    {
        if (!_entries.TryGetValue((job, version), out LinkedListNode<Entry>? node))
        {
            tasks = default;
            return false;
        }

        _byUse.Remove(node);
        _byUse.AddLast(node);
        tasks = node.Value.Tasks;
        return true;
    }

    /// <summary>Keeps a chunk that just arrived only while there is room: what came before it is needed before
    /// it.</summary>
    public void AddIfRoom(JobId job, long version, ImmutableArray<TaskSpec> tasks)
    {
        if (_bytes + SizeOf(tasks) <= bytesMax)
        {
            Add(job, version, tasks);
        }
    }

    /// <summary>Keeps a chunk that is needed now; others make room.</summary>
    public void Add(JobId job, long version, ImmutableArray<TaskSpec> tasks)
    {
        if (_entries.ContainsKey((job, version)))
        {
            return;
        }

        Entry entry = new(job, version, tasks, SizeOf(tasks));
        while (_bytes + entry.Bytes > bytesMax && _byUse.First is { } oldest)
        {
            Remove(oldest);
        }

        _entries.Add((job, version), _byUse.AddLast(entry));
        _bytes += entry.Bytes;
    }

    /// <summary>Forgets the chunks of a job.</summary>
    public void Forget(JobId job, ImmutableArray<TaskChunk> chunks)
    {
        foreach (TaskChunk chunk in chunks)
        {
            if (_entries.TryGetValue((job, chunk.Version), out LinkedListNode<Entry>? node))
            {
                Remove(node);
            }
        }
    }

    private static long SizeOf(ImmutableArray<TaskSpec> tasks)
    {
        long bytes = 0;
        foreach (TaskSpec task in tasks)
        {
            bytes += TaskBytes + task.Payload.Length + (2 * (task.Name?.Length ?? 0));
        }

        return bytes;
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _entries.Remove((node.Value.Job, node.Value.Version));
        _bytes -= node.Value.Bytes;
    }

    private sealed record Entry(JobId Job, long Version, ImmutableArray<TaskSpec> Tasks, long Bytes);
}
