using System.Collections.Immutable;
using System.Runtime.InteropServices;

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
        if (TooMany(Tasks.Count, limits) is { } tooMany)
        {
            return new DraftResolution([], tooMany);
        }

        Dictionary<string, int> names = [];
        for (int i = 0; i < Tasks.Count; i++)
        {
            if (Tasks[i].Spec.Name is { } name && !names.TryAdd(name, i))
            {
                return Reject(
                    RejectionCode.Invalid, $"Tasks {names[name]} and {i} are both named '{name}'; names are unique.");
            }
        }

        ImmutableArray<TaskSpec>.Builder specs = ImmutableArray.CreateBuilder<TaskSpec>(Tasks.Count);
        for (int i = 0; i < Tasks.Count; i++)
        {
            (TaskSpec spec, Rejection? rejection) = ResolveTask(i, names);
            if (rejection is not null)
            {
                return new DraftResolution([], rejection);
            }

            specs.Add(spec);
        }

        return ProblemOf(specs, limits) is { } problem
            ? new DraftResolution([], problem)
            : new DraftResolution(specs.DrainToImmutable(), null);
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

    private (TaskSpec Spec, Rejection? Rejection) ResolveTask(int index, Dictionary<string, int> names)
    {
        TaskDraft task = Tasks[index];
        if (task.DependsOn.IsDefaultOrEmpty)
        {
            return (task.Spec, null);
        }

        int[] resolved = new int[task.DependsOn.Length];
        for (int i = 0; i < resolved.Length; i++)
        {
            TaskLink link = task.DependsOn[i];
            int found = link.Name is { } name ? names.GetValueOrDefault(name, -1) : link.Index;
            if (found < 0 || found >= Tasks.Count)
            {
                return (task.Spec, new Rejection(
                    RejectionCode.DependencyUnknown, $"Task {index} depends on {link}, which is not in the job."));
            }

            resolved[i] = found;
        }

        return (task.Spec with { DependsOn = ImmutableCollectionsMarshal.AsImmutableArray(resolved) }, null);
    }

    private static DraftResolution Reject(string code, string detail) => new([], new Rejection(code, detail));
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
    public override string ToString() => Name is null ? $"task {Index}" : $"'{Name}'";
}

/// <summary>What became of a draft.</summary>
/// <param name="Tasks">The tasks, dependencies by index; empty when refused.</param>
/// <param name="Rejection">Why it was refused; null when it was not.</param>
public sealed record DraftResolution(ImmutableArray<TaskSpec> Tasks, Rejection? Rejection);
