using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;

namespace Elasticity.Engine.Embedded.Core;

/// <summary>
/// Windows of the chunks of tasks, so that a deep backlog costs a cursor and not its payloads. Least recently used goes
/// first.
/// </summary>
/// <remarks>
/// A window and not the chunk, because jobs take turns task by task: with a thousand jobs in turn, whole chunks would
/// push each other out
/// after one task each.
/// </remarks>
internal sealed class ChunkCache(long bytesMax)
{
    /// <summary>What a task costs in memory besides its payload: measured, rounded up.</summary>
    private const int TaskBytes = 200;

    /// <summary>A smaller window would be read for a handful of tasks.</summary>
    private const long WindowBytesMin = 16 * 1024;

    /// <summary>Windows of one job that may be in memory at once: the one in use and the one ahead.</summary>
    private const int WindowsPerJob = 2;

    private readonly Dictionary<(JobId Job, long Version), LinkedListNode<Window>> _windows = [];
    private readonly LinkedList<Window> _byUse = new();
    private long _bytes;

    /// <summary>What a task costs in memory.</summary>
    public static long SizeOf(TaskSpec task) => TaskBytes + task.Payload.Length + (2 * (task.Name?.Length ?? 0));

    /// <summary>How large a window to ask for, so that every job in turn has one.</summary>
    public long WindowBytes(int jobs) => Math.Max(WindowBytesMin, bytesMax / (WindowsPerJob * Math.Max(1, jobs)));

    /// <summary>Finds a task.</summary>
    /// <param name="job">The job.</param>
    /// <param name="version">The version of the event that holds its chunk.</param>
    /// <param name="index">The task.</param>
    /// <param name="isMiddle">It is in the middle of its window: time to ask for the next chunk, so that nobody waits
    /// for it.</param>
    /// <returns>The task, or null when it is not in memory.</returns>
    public TaskSpec? Find(JobId job, long version, int index, out bool isMiddle)
    {
        isMiddle = false;
        if (!_windows.TryGetValue((job, version), out LinkedListNode<Window>? node) || !node.Value.Holds(index))
        {
            return null;
        }

        Window window = node.Value;
        _byUse.Remove(node);
        _byUse.AddLast(node);
        isMiddle = index - window.First == window.Tasks.Length / 2;
        return window.Tasks[index - window.First];
    }

    /// <summary>Whether a task is in memory.</summary>
    public bool Has(JobId job, long version, int index) =>
        _windows.TryGetValue((job, version), out LinkedListNode<Window>? node) && node.Value.Holds(index);

    /// <summary>Keeps a chunk that just arrived only while there is room: what came before it is needed before
    /// it.</summary>
    public void AddIfRoom(JobId job, long version, int first, ImmutableArray<TaskSpec> tasks)
    {
        if (_bytes + tasks.Sum(SizeOf) <= bytesMax)
        {
            Add(job, version, first, tasks);
        }
    }

    /// <summary>Keeps a window that is needed now; others, and an older one of the same chunk, make room.</summary>
    public void Add(JobId job, long version, int first, ImmutableArray<TaskSpec> tasks)
    {
        if (_windows.TryGetValue((job, version), out LinkedListNode<Window>? older))
        {
            Remove(older);
        }

        Window window = new(job, version, first, tasks, tasks.Sum(SizeOf));
        while (_bytes + window.Bytes > bytesMax && _byUse.First is { } oldest)
        {
            Remove(oldest);
        }

        _windows.Add((job, version), _byUse.AddLast(window));
        _bytes += window.Bytes;
    }

    /// <summary>Forgets the chunks of a job.</summary>
    public void Forget(JobId job, ImmutableArray<TaskChunk> chunks)
    {
        foreach (TaskChunk chunk in chunks)
        {
            if (_windows.TryGetValue((job, chunk.Version), out LinkedListNode<Window>? node))
            {
                Remove(node);
            }
        }
    }

    private void Remove(LinkedListNode<Window> node)
    {
        _byUse.Remove(node);
        _windows.Remove((node.Value.Job, node.Value.Version));
        _bytes -= node.Value.Bytes;
    }

    private sealed record Window(JobId Job, long Version, int First, ImmutableArray<TaskSpec> Tasks, long Bytes)
    {
        public bool Holds(int index) => index >= First && index < First + Tasks.Length;
    }
}
