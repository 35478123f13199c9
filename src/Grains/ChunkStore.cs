using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Grains;

/// <summary>The specifications of tasks: windows of chunks in memory, the rest in the store. One for each silo. Safe
/// for concurrent use.</summary>
/// <param name="store">The log.</param>
/// <param name="options">Bounds.</param>
public sealed class ChunkStore(IEventStore store, GrainsOptions options)
{
    /// <summary>Jobs in turn that the cache is divided among.</summary>
    private const int JobsInTurn = 16;

    private readonly Lock _gate = new();
    private readonly ChunkCache _cache = new(options.ChunkCacheBytesMax);
    private readonly StateReader _states = new(store);

    /// <summary>Finds a specification.</summary>
    /// <param name="job">The job.</param>
    /// <param name="state">Its state.</param>
    /// <param name="index">One of its tasks.</param>
    /// <returns>The specification, payload included.</returns>
    public async ValueTask<TaskSpec> SpecAsync(JobId job, JobState state, int index)
    {
        TaskChunk chunk = state.ChunkOf(index);
        lock (_gate)
        {
            if (_cache.Find(job, chunk.Version, index, out _) is { } known)
            {
                return known;
            }
        }

        JobEvent.TasksAdded read = await _states.ChunkAsync(job, chunk.Version, CancellationToken.None)
            .ConfigureAwait(false);
        lock (_gate)
        {
            _cache.Add(
                job, chunk.Version, index, ChunkCache.WindowOf(read, index, _cache.WindowBytes(JobsInTurn)));
        }

        return read.Tasks[index - chunk.First];
    }

    /// <summary>Keeps what was just stored, while there is room: an agent that waits asks for it at once.</summary>
    /// <param name="job">The job.</param>
    /// <param name="state">Its state.</param>
    /// <param name="added">The tasks.</param>
    public void Keep(JobId job, JobState state, JobEvent.TasksAdded added)
    {
        lock (_gate)
        {
            _cache.AddIfRoom(
                job,
                state.ChunkOf(added.First).Version,
                added.First,
                ChunkCache.WindowOf(added, added.First, _cache.WindowBytes(JobsInTurn)));
        }
    }

    /// <summary>Forgets what has ended.</summary>
    /// <param name="job">The job.</param>
    /// <param name="state">Its state.</param>
    public void Forget(JobId job, JobState state)
    {
        lock (_gate)
        {
            _cache.Forget(job, state.Chunks);
        }
    }
}
