using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;

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

    /// <summary>Everything that the task still waits for.</summary>
    /// <param name="version">The version of its stream that the caller just saw in the log; null has the grain look
    /// there.</param>
    /// <returns>Where it stands, and what is to be delivered.</returns>
    [Alias("outstanding")]
    Task<TaskTold> OutstandingAsync(long? version);
}

/// <summary>What a task answers, and what follows from it.</summary>
/// <param name="Rejection">Why the command was refused; null when it was not.</param>
/// <param name="Letters">What is to be delivered.</param>
/// <param name="Run">Its run.</param>
/// <param name="Lease">The current lease; null when there is none.</param>
/// <param name="LeaseLength">How long a lease lasts; zero before the first.</param>
public sealed record TaskTold(
    Rejection? Rejection,
    ImmutableArray<Letter> Letters,
    int Run,
    Lease? Lease,
    TimeSpan LeaseLength);
