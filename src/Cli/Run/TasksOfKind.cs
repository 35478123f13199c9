using System.Collections;
using Elasticity.Domain.Jobs;

namespace Elasticity.Cli.Run;

/// <summary>The same tasks, of another kind; each is made when it is asked for.</summary>
/// <param name="tasks">The tasks.</param>
/// <param name="kind">Their kind here.</param>
internal sealed class TasksOfKind(IReadOnlyList<TaskSpec> tasks, string kind) : IReadOnlyList<TaskSpec>
{
    /// <inheritdoc/>
    public int Count => tasks.Count;

    /// <inheritdoc/>
    public TaskSpec this[int index] => tasks[index] with { Kind = kind };

    /// <inheritdoc/>
    public IEnumerator<TaskSpec> GetEnumerator() => tasks.Select(t => t with { Kind = kind }).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
