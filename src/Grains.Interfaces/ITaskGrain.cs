using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Grains;

/// <summary>A task: its decider behind a journal. The key is <c>JOB/INDEX</c>. It calls no other grain.</summary>
[Alias("elasticity.task")]
public interface ITaskGrain : IGrainWithStringKey
{
    /// <summary>Carries out a command. Its instant and its chance are set here.</summary>
    /// <param name="command">The command.</param>
    /// <returns>The answer, and what follows.</returns>
    [Alias("command")]
    Task<TaskTold> CommandAsync(TaskCommand command);
}
