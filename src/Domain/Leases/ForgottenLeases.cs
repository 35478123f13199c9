namespace Elasticity.Domain.Leases;

/// <summary>Leases that ended a moment ago. A sweep that looked before may still have them minded, and their agent
/// would be told that it holds them. Not thread-safe; deterministic.</summary>
public sealed class ForgottenLeases
{
    private readonly HashSet<(TaskId Task, long Token)> _leases = [];
    private readonly Queue<(TimeSpan At, TaskId Task, long Token)> _order = new();

    /// <summary>Notes a lease that ended. Tokens are never used again, so nothing takes it back.</summary>
    /// <param name="task">The task.</param>
    /// <param name="token">The token of the lease.</param>
    /// <param name="now">Monotonic, never less than before.</param>
    public void Add(TaskId task, long token, TimeSpan now)
    {
        if (_leases.Add((task, token)))
        {
            _order.Enqueue((now, task, token));
        }
    }

    /// <summary>Whether a lease ended a moment ago.</summary>
    /// <param name="task">The task.</param>
    /// <param name="token">The token of the lease.</param>
    /// <returns>True when it is remembered.</returns>
    public bool Contains(TaskId task, long token) => _leases.Contains((task, token));

    /// <summary>Forgets what is long ago.</summary>
    /// <param name="before">Monotonic: what was noted before.</param>
    public void Forget(TimeSpan before)
    {
        while (_order.TryPeek(out (TimeSpan At, TaskId Task, long Token) oldest) && oldest.At < before)
        {
            _order.Dequeue();
            _leases.Remove((oldest.Task, oldest.Token));
        }
    }
}
