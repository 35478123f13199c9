using System.Collections;
using System.Collections.Immutable;

namespace Elasticity.Domain.Jobs;

/// <summary>The tasks of a draft with their dependencies by index; each is made when it is asked for.</summary>
/// <param name="drafts">The tasks.</param>
/// <param name="linksEnd">Where the dependencies of each end in <paramref name="links"/>.</param>
/// <param name="links">All dependencies, task after task.</param>
internal sealed class LinkedTasks(IReadOnlyList<TaskDraft> drafts, int[] linksEnd, int[] links)
    : IReadOnlyList<TaskSpec>
{
    /// <inheritdoc/>
    public int Count => drafts.Count;

    /// <inheritdoc/>
    public TaskSpec this[int index]
    {
        get
        {
            TaskSpec spec = drafts[index].Spec;
            int start = index == 0 ? 0 : linksEnd[index - 1];
            return start == linksEnd[index]
                ? spec
                : spec with { DependsOn = ImmutableArray.Create(links.AsSpan(start..linksEnd[index])) };
        }
    }

    /// <inheritdoc/>
    public IEnumerator<TaskSpec> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
