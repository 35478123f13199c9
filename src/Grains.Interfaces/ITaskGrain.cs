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
