using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Cli.Work;

/// <summary>Executes tasks. Called from several threads at once.</summary>
internal interface ITaskHandler
{
    /// <summary>Executes a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="stop">The worker drains, the job was cancelled, or the lease is lost: stop soon, and answer
    /// <see cref="Settlement.GivenBack"/>.</param>
    /// <returns>How it ended. An exception counts as a failed attempt.</returns>
    ValueTask<Settlement> HandleAsync(LeasedTask task, CancellationToken stop);
}
