using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;

namespace Elasticity.Engine;

/// <summary>A task as somebody stored or read it last. Others may have changed it since.</summary>
/// <param name="State">Its state, without the result.</param>
/// <param name="Head">The head of its stream.</param>
public sealed record KnownTask(TaskState State, StreamHead Head)
{
    /// <summary>A task that nobody touched.</summary>
    public static KnownTask Untouched { get; } = new(TaskState.Untouched, StreamHead.None);

    /// <summary>Results are large, and no decision looks at them.</summary>
    /// <param name="state">A state.</param>
    /// <returns>The same without its result.</returns>
    public static TaskState Slim(TaskState state) => state with { LastSettlement = null };
}

/// <summary>The unended tasks that this process stored last, as many as fit: two generations, of which the older is
/// dropped when the younger is full. Safe for concurrent use.</summary>
/// <param name="tasksMax">How many at most.</param>
internal sealed class TaskMemory(int tasksMax)
{
    private readonly Lock _gate = new();
    private Dictionary<TaskId, KnownTask> _young = [];
    private Dictionary<TaskId, KnownTask> _old = [];

    /// <summary>Finds a task.</summary>
    /// <param name="task">The task.</param>
    /// <returns>What is known; null when nothing is.</returns>
    public KnownTask? Find(TaskId task)
    {
        lock (_gate)
        {
            return _young.GetValueOrDefault(task) ?? _old.GetValueOrDefault(task);
        }
    }

    /// <summary>Notes what was stored; what has ended is forgotten.</summary>
    /// <param name="task">The task.</param>
    /// <param name="known">What is known now.</param>
    public void Note(TaskId task, KnownTask known)
    {
        lock (_gate)
        {
            Remove(task);
            if (!known.State.IsOpen)
            {
                return;
            }

            if (_young.Count >= tasksMax / 2)
            {
                (_old, _young) = (_young, []);
            }

            _young[task] = known;
        }
    }

    /// <summary>Forgets a task.</summary>
    /// <param name="task">The task.</param>
    public void Forget(TaskId task)
    {
        lock (_gate)
        {
            Remove(task);
        }
    }

    private void Remove(TaskId task)
    {
        _young.Remove(task);
        _old.Remove(task);
    }
}
