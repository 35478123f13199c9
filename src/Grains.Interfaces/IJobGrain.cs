using System.Collections.Immutable;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Queues;
using Elasticity.Engine;

namespace Elasticity.Grains;

/// <summary>A job: its decider behind a journal. The key is the job's id. It calls no other grain: what follows from a
/// command is in the answer, and whoever asked delivers it.</summary>
[Alias("elasticity.job")]
public interface IJobGrain : IGrainWithStringKey
{
    /// <summary>Carries out commands in order, until one is refused. Their instant is set here.</summary>
    /// <param name="commands">The commands; none asks only where the job stands.</param>
    /// <returns>The answer, and what follows.</returns>
    [Alias("command")]
    Task<JobTold> CommandAsync(ImmutableArray<JobCommand> commands);

    /// <summary>Records how runs ended. Calls that come while one is stored are stored together.</summary>
    /// <param name="outcomes">The outcomes.</param>
    /// <returns>What follows.</returns>
    [Alias("record")]
    Task<JobTold> RecordAsync(ImmutableArray<OutcomeRecord> outcomes);

    /// <summary>A page of everything that the job still waits for.</summary>
    /// <param name="cursor">0 at first, then what the page before gave.</param>
    /// <param name="version">The version of its stream that the caller knows of: a grain that is behind reads
    /// first.</param>
    /// <returns>The page.</returns>
    [Alias("outstanding")]
    Task<JobPage> OutstandingAsync(int cursor, long version);

    /// <summary>Says what is to be done for tasks that a queue handed out.</summary>
    /// <param name="tasks">Tasks of this job.</param>
    /// <returns>What is to be done.</returns>
    [Alias("admit")]
    Task<Admission> AdmitAsync(ImmutableArray<ReadyTask> tasks);

    /// <summary>Reads specifications, to repeat an answer.</summary>
    /// <param name="indexes">Tasks of this job.</param>
    /// <returns>For each, in order: its specification, or null when there is no such task.</returns>
    [Alias("specs")]
    Task<ImmutableArray<TaskSpec?>> SpecsAsync(ImmutableArray<int> indexes);

    /// <summary>Removes the streams of the ended job; a tombstone stays.</summary>
    /// <returns>The job, or why not.</returns>
    [Alias("trim")]
    Task<Reply<JobSummary>> TrimAsync();
}

/// <summary>What a job answers, and what follows from it.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Letters">What is to be delivered.</param>
/// <param name="Sweep">Also deliver everything that <see cref="IJobGrain.OutstandingAsync"/> gives.</param>
/// <param name="Version">The version of its stream.</param>
public sealed record JobTold(JobAnswer Answer, ImmutableArray<Letter> Letters, bool Sweep, long Version);

/// <summary>A page of what a job waits for.</summary>
/// <param name="Letters">What is to be delivered.</param>
/// <param name="Next">The next cursor; null at the end.</param>
public sealed record JobPage(ImmutableArray<Letter> Letters, int? Next);

/// <summary>Which tasks may be leased.</summary>
/// <param name="Policy">For what a task does not say.</param>
/// <param name="Specs">For each task, in order: its specification, or null when it is no longer awaited.</param>
public sealed record Admission(JobPolicy Policy, ImmutableArray<TaskSpec?> Specs);
