using System.Collections.Immutable;

namespace Elasticity.Domain.Jobs;

/// <summary>Who waits for whom in one job, both ways, in four flat arrays: a million edges are 16 MB, not a million
/// objects.</summary>
public sealed class DependencyGraph
{
    private readonly int[] _dependencyStart;
    private readonly int[] _dependencies;
    private readonly int[] _dependentStart;
    private readonly int[] _dependents;

    private DependencyGraph(int[] dependencyStart, int[] dependencies, int[] dependentStart, int[] dependents)
    {
        _dependencyStart = dependencyStart;
        _dependencies = dependencies;
        _dependentStart = dependentStart;
        _dependents = dependents;
    }

    /// <summary>The tasks that a task needs.</summary>
    /// <param name="index">The task.</param>
    /// <returns>Their indexes.</returns>
    public ReadOnlySpan<int> DependenciesOf(int index) => Slice(_dependencyStart, _dependencies, index);

    /// <summary>The tasks that need a task.</summary>
    /// <param name="index">The task.</param>
    /// <returns>Their indexes.</returns>
    public ReadOnlySpan<int> DependentsOf(int index) => Slice(_dependentStart, _dependents, index);

    /// <summary>Builds the graph of a job.</summary>
    /// <param name="chunks">All its chunks in order.</param>
    /// <param name="taskCount">How many tasks they hold.</param>
    /// <returns>The graph; null when no task depends on another.</returns>
    internal static DependencyGraph? Build(IEnumerable<TaskChunk> chunks, int taskCount) =>
        Build(chunks.SelectMany(Dependencies), taskCount);

    /// <summary>Builds the graph of a job that is not stored yet.</summary>
    /// <param name="tasks">All its tasks in order.</param>
    /// <returns>The graph; null when no task depends on another.</returns>
    internal static DependencyGraph? Build(IReadOnlyList<TaskSpec> tasks) =>
        Build(tasks.Select(t => t.DependsOn), tasks.Count);

    /// <summary>Looks for a cycle (Kahn, "Topological sorting of large networks", CACM 5(11), 1962).</summary>
    /// <returns>A task on or behind a cycle, or null when there is none.</returns>
    internal int? FindCycle()
    {
        int taskCount = _dependencyStart.Length - 1;
        int[] missing = new int[taskCount];
        Queue<int> free = new();
        for (int i = 0; i < taskCount; i++)
        {
            missing[i] = DependenciesOf(i).Length;
            if (missing[i] == 0)
            {
                free.Enqueue(i);
            }
        }

        while (free.TryDequeue(out int done))
        {
            foreach (int dependent in DependentsOf(done))
            {
                if (--missing[dependent] == 0)
                {
                    free.Enqueue(dependent);
                }
            }
        }

        int stuck = Array.FindIndex(missing, m => m > 0);
        return stuck < 0 ? null : stuck;
    }

    private static IEnumerable<ImmutableArray<int>> Dependencies(TaskChunk chunk) =>
        chunk.DependsOn is { } all ? all : Enumerable.Repeat(ImmutableArray<int>.Empty, chunk.Count);

    private static DependencyGraph? Build(IEnumerable<ImmutableArray<int>> tasks, int taskCount)
    {
        int[] start = new int[taskCount + 1];
        List<int> dependencies = [];
        int next = 0;
        foreach (ImmutableArray<int> task in tasks)
        {
            if (!task.IsDefaultOrEmpty)
            {
                // Named twice it counts once, or the task would wait for it for ever.
                dependencies.AddRange(task.Distinct());
            }

            start[++next] = dependencies.Count;
        }

        return dependencies.Count == 0 ? null : WithDependents(start, [.. dependencies], taskCount);
    }

    private static DependencyGraph WithDependents(int[] dependencyStart, int[] dependencies, int taskCount)
    {
        int[] start = new int[taskCount + 1];
        foreach (int dependency in dependencies)
        {
            start[dependency + 1]++;
        }

        for (int i = 0; i < taskCount; i++)
        {
            start[i + 1] += start[i];
        }

        int[] next = [.. start];
        int[] dependents = new int[dependencies.Length];
        for (int i = 0; i < taskCount; i++)
        {
            foreach (int dependency in Slice(dependencyStart, dependencies, i))
            {
                dependents[next[dependency]++] = i;
            }
        }

        return new DependencyGraph(dependencyStart, dependencies, start, dependents);
    }

    private static ReadOnlySpan<int> Slice(int[] start, int[] values, int index) =>
        values.AsSpan(start[index], start[index + 1] - start[index]);
}
