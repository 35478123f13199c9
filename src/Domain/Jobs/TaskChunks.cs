using System.Collections.Immutable;

namespace Elasticity.Domain.Jobs;

/// <summary>Cuts the tasks of a job into chunks of a submit.</summary>
public static class TaskChunks
{
    /// <summary>Cuts. The same tasks and limits give the same chunks, so that a submit that broke off meets its own
    /// chunks again.</summary>
    /// <param name="tasks">All tasks in order.</param>
    /// <param name="limits">How large a chunk may be.</param>
    /// <returns>The chunks in order; none for no tasks.</returns>
    public static ImmutableArray<ImmutableArray<TaskSpec>> Cut(IReadOnlyList<TaskSpec> tasks, Limits limits)
    {
        ImmutableArray<ImmutableArray<TaskSpec>>.Builder chunks =
            ImmutableArray.CreateBuilder<ImmutableArray<TaskSpec>>();
        ImmutableArray<TaskSpec>.Builder chunk = ImmutableArray.CreateBuilder<TaskSpec>();
        long bytes = 0;
        foreach (TaskSpec task in tasks)
        {
            bool isFull = chunk.Count == limits.TasksPerChunkMax
                || (chunk.Count > 0 && bytes + task.Payload.Length > limits.ChunkBytesMax);
            if (isFull)
            {
                chunks.Add(chunk.DrainToImmutable());
                bytes = 0;
            }

            chunk.Add(task);
            bytes += task.Payload.Length;
        }

        if (chunk.Count > 0)
        {
            chunks.Add(chunk.DrainToImmutable());
        }

        return chunks.DrainToImmutable();
    }
}
