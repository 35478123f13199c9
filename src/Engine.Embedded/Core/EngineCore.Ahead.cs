using Elasticity.Domain;
using Elasticity.Domain.Queues;

namespace Elasticity.Engine.Embedded.Core;

/// <summary>
/// After a restart or a redrive nothing that is ready is in memory. What a request is about to get is loaded all at
/// once, and given in the order of the queue when all of it is there.
/// </summary>
public sealed partial class EngineCore
{
    /// <summary>The most loads under way beyond which none is begun ahead of its turn.</summary>
    private const int LoadsAheadMax = 256;

    /// <summary>The most tasks without an open stream that are kept in memory until their turn: the oldest make
    /// room.</summary>
    private const int HeldMax = 4 * LoadsAheadMax;

    private readonly HashSet<TaskId> _held = [];
    private readonly Queue<TaskId> _heldByAge = new(); // those that were released meanwhile among them

    /// <summary>Loads what the next tasks of a queue need.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="next">Its next task, which needs something.</param>
    /// <param name="count">How many tasks are wanted, that one among them.</param>
    private void LoadAhead(KindQueue queue, ReadyTask next, int count)
    {
        // What was loaded for it was pushed out before it was given, so memory is too short for looking ahead.
        bool isAgain = queue.LoadedFor == next;
        queue.LoadedFor = next;
        int chunks = ChunksAheadMax();
        HashSet<(JobId Job, long Version)> seen = []; // Only where a chunk begins to be needed matters.
        foreach (ReadyTask ready in queue.Ready.Ahead().Take(isAgain ? 1 : count))
        {
            if (!_jobs.TryGetValue(ready.Task.Job, out LiveJob? job)
                || !job.State.Awaits(ready.Task.Index, ready.Run))
            {
                continue;
            }

            long version = job.State.ChunkOf(ready.Task.Index).Version;
            if (seen.Add((job.Id, version)) && !_chunks.Has(job.Id, version, ready.Task.Index))
            {
                if (chunks-- == 0)
                {
                    break;
                }

                LoadFor(queue, ChunkLoad(job, ready.Task.Index));
            }

            if (StreamOf(ready.Task) is null)
            {
                Hold(ready.Task);
                LoadFor(queue, new CoreLoad.Task(ready.Task));
            }

            if (_parked.Count >= LoadsAheadMax)
            {
                break;
            }
        }
    }

    /// <summary>How many chunks fit into half of their cache, however large they turn out to be: what is loaded
    /// together must not push each other out.</summary>
    private int ChunksAheadMax()
    {
        long bytes = Math.Max(_chunks.WindowBytes(_jobs.Count), ChunkCache.SizeMax(_options.Limits));
        return (int)Math.Clamp(_options.ChunkCacheBytesMax / 2 / bytes, 1, LoadsAheadMax);
    }

    private void LoadFor(KindQueue queue, CoreLoad load)
    {
        queue.Loading++;
        WhenLoaded(load, () => queue.Loading--);
    }

    /// <summary>Keeps a task in memory, once it is loaded, until its turn.</summary>
    private void Hold(TaskId id)
    {
        if (_held.Add(id))
        {
            _heldByAge.Enqueue(id);
            if (_heldByAge.Count > HeldMax)
            {
                Release(_heldByAge.Dequeue());
            }
        }
    }

    private void Release(TaskId id)
    {
        if (_held.Remove(id) && _tasks.TryGetValue(id, out LiveTask? task))
        {
            Touch(task); // It leaves at the end of the step, unless it is open by then.
        }
    }

    private void ReleaseAll(JobId job)
    {
        foreach (TaskId id in _held.Where(t => t.Job == job).ToArray())
        {
            Release(id);
        }
    }
}
