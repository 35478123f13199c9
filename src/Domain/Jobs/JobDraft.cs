using System.Collections.Immutable;

namespace Elasticity.Domain.Jobs;

/// <summary>A whole job as people write it: tasks may depend on each other by name. <see cref="Resolve"/> makes it what
/// the domain works with, and finds what is wrong before anything is stored.</summary>
/// <param name="Header">Name, policy and labels.</param>
/// <param name="Tasks">The tasks; their place here is their index.</param>
public sealed record JobDraft(JobHeader Header, IReadOnlyList<TaskDraft> Tasks)
{
    /// <summary>Checks the tasks and turns names into indexes.</summary>
    /// <param name="limits">The limits in force.</param>
    /// <returns>The tasks, or the first of these: <c>limit-exceeded</c>, <c>invalid</c> (also for a name that two tasks
    /// have), <c>dependency-unknown</c>, <c>dependency-cycle</c>.</returns>
    public DraftResolution Resolve(Limits limits)
    {
        DraftResolution resolved = ResolveInPlace(limits);
        return resolved with { Tasks = resolved.Tasks.ToImmutableArray() };
    }

    /// <summary>The same as <see cref="Resolve"/>, without a copy: a task is taken from this draft whenever it is asked
    /// for. For drafts that hold their tasks in some smaller form.</summary>
    /// <param name="limits">The limits in force.</param>
    /// <returns>As for <see cref="Resolve"/>; it keeps this draft in memory.</returns>
    public DraftResolution ResolveInPlace(Limits limits)
    {
        if (TooMany(Tasks.Count, limits) is { } tooMany)
        {
            return Reject(tooMany);
        }

        TaskNames names = new(Tasks);
        for (int i = 0; i < Tasks.Count; i++)
        {
            if (Tasks[i].Spec.Name is { } name && names.Add(name, i) is { } other)
            {
                return Reject(new Rejection(
                    RejectionCode.Invalid,
                    $"Tasks {other} and {i} are both named '{Identifier.Shorten(name)}'; names are unique."));
            }
        }

        int[] linksEnd = new int[Tasks.Count];
        List<int> links = [];
        for (int i = 0; i < Tasks.Count; i++)
        {
            if (Unknown(i, names, links) is { } unknown)
            {
                return Reject(unknown);
            }

            linksEnd[i] = links.Count;
        }

        LinkedTasks tasks = new(Tasks, linksEnd, [.. links]);
        return ProblemOf(tasks, limits) is { } problem ? Reject(problem) : new DraftResolution(tasks, null);
    }

    /// <summary>Looks for everything that would be refused only when the job is open already: its id would then be
    /// taken by a job that can never be sealed.</summary>
    /// <param name="tasks">All tasks, dependencies by index.</param>
    /// <param name="limits">The limits in force.</param>
    /// <returns>The first of these: <c>limit-exceeded</c>, <c>invalid</c>, <c>dependency-unknown</c>,
    /// <c>dependency-cycle</c>; or null.</returns>
    public static Rejection? ProblemOf(IReadOnlyList<TaskSpec> tasks, Limits limits)
    {
        if (TooMany(tasks.Count, limits) is { } tooMany)
        {
            return tooMany;
        }

        long dependencies = 0;
        for (int i = 0; i < tasks.Count; i++)
        {
            TaskSpec task = tasks[i];
            if (task.Problem(limits) is { } problem)
            {
                return problem with { Detail = $"Task {i}: {problem.Detail}" };
            }

            foreach (int dependency in task.DependsOn.IsDefault ? [] : task.DependsOn)
            {
                dependencies++;
                if (dependency < 0 || dependency >= tasks.Count)
                {
                    return new Rejection(
                        RejectionCode.DependencyUnknown,
                        $"Task {i} depends on task {dependency}, which is not in the job.");
                }
            }
        }

        if (dependencies > limits.DependenciesPerJobMax)
        {
            return new Rejection(
                RejectionCode.LimitExceeded,
                $"A job has at most {limits.DependenciesPerJobMax} dependencies, not {dependencies}.");
        }

        return DependencyGraph.Build(tasks)?.FindCycle() is { } stuck
            ? new Rejection(
                RejectionCode.DependencyCycle, $"Task {stuck} waits, through its dependencies, for a cycle.")
            : null;
    }

    private static Rejection? TooMany(int tasks, Limits limits) => tasks > limits.TasksPerJobMax
        ? new Rejection(
            RejectionCode.LimitExceeded, $"A job has at most {limits.TasksPerJobMax} tasks, not {tasks}.")
        : null;

    /// <summary>Adds the indexes that a task depends on, as long as they are known.</summary>
    private Rejection? Unknown(int index, TaskNames names, List<int> links)
    {
        ImmutableArray<TaskLink> given = Tasks[index].DependsOn;
        foreach (TaskLink link in given.IsDefault ? [] : given)
        {
            int found = link.Name is { } name ? names.Find(name) ?? -1 : link.Index;
            if (found < 0 || found >= Tasks.Count)
            {
                return new Rejection(
                    RejectionCode.DependencyUnknown, $"Task {index} depends on {link}, which is not in the job.");
            }

            links.Add(found);
        }

        return null;
    }

    private static DraftResolution Reject(Rejection rejection) => new([], rejection);
}

/// <summary>A task as people write it.</summary>
/// <param name="Spec">Everything but its dependencies.</param>
/// <param name="DependsOn">The tasks that must succeed first; default or empty means none.</param>
public sealed record TaskDraft(TaskSpec Spec, ImmutableArray<TaskLink> DependsOn = default);

/// <summary>A task of the same job, by index or by name.</summary>
/// <param name="Index">The index, where <paramref name="Name"/> is null.</param>
/// <param name="Name">The name; null for a link by index.</param>
public readonly record struct TaskLink(int Index, string? Name = null)
{
    /// <summary>For messages.</summary>
    /// <returns><c>task 7</c> or <c>'name'</c>.</returns>
    public override string ToString() => Name is null ? $"task {Index}" : $"'{Identifier.Shorten(Name)}'";
}

/// <summary>What became of a draft.</summary>
/// <param name="Tasks">The tasks, dependencies by index; empty when refused.</param>
/// <param name="Rejection">Why it was refused; null when it was not.</param>
public sealed record DraftResolution(IReadOnlyList<TaskSpec> Tasks, Rejection? Rejection);
