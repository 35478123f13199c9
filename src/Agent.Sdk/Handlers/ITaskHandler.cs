namespace Elasticity.Agent.Sdk;

/// <summary>Executes tasks of one kind. Made anew, with its own scope of services, for each execution.</summary>
/// <typeparam name="TPayload">What a task's payload is read as. <see cref="Contracts.RawJson"/> is the payload
/// itself.</typeparam>
/// <typeparam name="TResult">What the result is written from. <see cref="Contracts.RawJson"/> is the result
/// itself.</typeparam>
public interface ITaskHandler<in TPayload, TResult>
{
    /// <summary>Executes a task. It may have been executed before, wholly or in part: whatever it writes to should
    /// compare <see cref="TaskContext.Token"/>.</summary>
    /// <param name="payload">The input; default when the task has none.</param>
    /// <param name="context">Which task it is, and how to report progress.</param>
    /// <param name="cancellationToken">Stop: <see cref="TaskContext.StopReason"/> says why.</param>
    /// <returns>The result; null for none.</returns>
    /// <exception cref="TaskFailedException">The attempt failed, with a code, and possibly for good.</exception>
    /// <exception cref="Exception">The attempt failed. The retry policy says whether and when there is
    /// another.</exception>
    Task<TResult> ExecuteAsync(TPayload payload, TaskContext context, CancellationToken cancellationToken);
}

/// <summary>Executes tasks of one kind that have no result. Otherwise like <see cref="ITaskHandler{T, R}"/>.</summary>
/// <typeparam name="TPayload">What a task's payload is read as.</typeparam>
public interface ITaskHandler<in TPayload>
{
    /// <summary>Executes a task. It may have been executed before, wholly or in part: whatever it writes to should
    /// compare <see cref="TaskContext.Token"/>.</summary>
    /// <param name="payload">The input; default when the task has none.</param>
    /// <param name="context">Which task it is, and how to report progress.</param>
    /// <param name="cancellationToken">Stop: <see cref="TaskContext.StopReason"/> says why.</param>
    /// <returns>When it is done.</returns>
    /// <exception cref="TaskFailedException">The attempt failed, with a code, and possibly for good.</exception>
    /// <exception cref="Exception">The attempt failed. The retry policy says whether and when there is
    /// another.</exception>
    Task ExecuteAsync(TPayload payload, TaskContext context, CancellationToken cancellationToken);
}
