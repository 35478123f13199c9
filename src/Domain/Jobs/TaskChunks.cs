using System.Collections.Immutable;

namespace Elasticity.Domain.Jobs;

/// <summary>Cuts the tasks of a job into chunks of a submit.</summary>
public static class TaskChunks
{
    /// <summary>Cuts. The same tasks and limits give the same chunks, so that a submit that broke off meets its own
    /// chunks again.</summary>
    /// <param name="tasks">All tasks in order.</param>
    /// <param name="limits">How large a chunk may be.</param>
    /// <param name="first">The first task that is in a chunk.</param>
    /// <returns>The chunks in order, each made when it is asked for; none for no tasks.</returns>
    public static IEnumerable<ImmutableArray<TaskSpec>> Cut(
        IReadOnlyList<TaskSpec> tasks, Limits limits, int first = 0)
    {
        ImmutableArray<TaskSpec>.Builder chunk = ImmutableArray.CreateBuilder<TaskSpec>();
        long bytes = 0;
        for (int i = first; i < tasks.Count; i++)
        {
            TaskSpec task = tasks[i];
            bool isFull = chunk.Count == limits.TasksPerChunkMax
                || (chunk.Count > 0 && bytes + task.Payload.Length > limits.ChunkBytesMax);
            if (isFull)
            {
                yield return chunk.DrainToImmutable();
                bytes = 0;
            }

            chunk.Add(task);
            bytes += task.Payload.Length;
        }

        if (chunk.Count > 0)
        {
            yield return chunk.DrainToImmutable();
        }
    }
}
