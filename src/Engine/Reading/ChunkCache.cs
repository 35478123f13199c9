using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;

namespace Elasticity.Engine;

/// <summary>
/// Windows of the chunks of tasks, so that a deep backlog costs a cursor and not its payloads. Least recently used goes
/// first.
/// </summary>
/// <remarks>
/// A window and not the chunk, because jobs take turns task by task: with a thousand jobs in turn, whole chunks would
/// push each other out after one task each. Not thread-safe.
/// </remarks>
/// <param name="bytesMax">The most bytes kept, payloads included.</param>
public sealed class ChunkCache(long bytesMax)
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
    /// <param name="task">The task.</param>
    /// <returns>Bytes.</returns>
    public static long SizeOf(TaskSpec task) => TaskBytes + task.Payload.Length + (2 * (task.Name?.Length ?? 0));

    /// <summary>The most that a task costs in memory.</summary>
    /// <param name="limits">The limits it was accepted under.</param>
    /// <returns>Bytes.</returns>
    public static long SizeMax(Limits limits) => TaskBytes + limits.PayloadBytesMax + (2 * limits.NameLengthMax);

    /// <summary>How large a window to ask for, so that every job in turn has one.</summary>
    /// <param name="jobs">How many jobs there are.</param>
    /// <returns>Bytes.</returns>
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
    /// <param name="job">The job.</param>
    /// <param name="version">The version of the event that holds the chunk.</param>
    /// <param name="index">The task.</param>
    /// <returns>True when it is.</returns>
    public bool Has(JobId job, long version, int index) =>
        _windows.TryGetValue((job, version), out LinkedListNode<Window>? node) && node.Value.Holds(index);

    /// <summary>Keeps a chunk that just arrived only while there is room: what came before it is needed before
    /// it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="version">The version of the event that holds the chunk.</param>
    /// <param name="first">The index of the first task.</param>
    /// <param name="tasks">The tasks.</param>
    public void AddIfRoom(JobId job, long version, int first, ImmutableArray<TaskSpec> tasks)
    {
        if (_bytes + tasks.Sum(SizeOf) <= bytesMax)
        {
            Add(job, version, first, tasks);
        }
    }

    /// <summary>Keeps a window that is needed now; others, and an older one of the same chunk, make room.</summary>
    /// <param name="job">The job.</param>
    /// <param name="version">The version of the event that holds the chunk.</param>
    /// <param name="first">The index of the first task.</param>
    /// <param name="tasks">The tasks.</param>
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
    /// <param name="job">The job.</param>
    /// <param name="chunks">Its chunks.</param>
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

    /// <summary>The part of a chunk that is wanted, in memory of its own: a slice would keep the whole chunk
    /// alive.</summary>
    /// <param name="chunk">The chunk, payloads included.</param>
    /// <param name="first">The index of the first task wanted.</param>
    /// <param name="bytesMax">How much memory they may take; one task is given in any case.</param>
    /// <returns>The tasks from <paramref name="first"/> on; at least one.</returns>
    public static ImmutableArray<TaskSpec> WindowOf(JobEvent.TasksAdded chunk, int first, long bytesMax)
    {
        ImmutableArray<TaskSpec>.Builder window = ImmutableArray.CreateBuilder<TaskSpec>();
        long bytes = 0;
        for (int i = first - chunk.First; i < chunk.Tasks.Length; i++)
        {
            TaskSpec task = chunk.Tasks[i];
            bytes += SizeOf(task);
            if (bytes > bytesMax && window.Count > 0)
            {
                break;
            }

            window.Add(task with { Payload = new Payload(task.Payload.Bytes.ToArray()) });
        }

        return window.DrainToImmutable();
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
