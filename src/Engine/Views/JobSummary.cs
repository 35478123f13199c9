using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;

namespace Elasticity.Engine;

/// <summary>A job as it is shown and listed. Also the row of the derived list of jobs.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">For humans; may be empty.</param>
/// <param name="State"><c>opening</c>, <c>open</c>, <c>failing</c>, <c>cancelling</c>, <c>succeeded</c>, <c>failed</c>,
/// <c>cancelled</c>.</param>
/// <param name="IsPaused">No new leases.</param>
/// <param name="TaskCount">How many tasks it has.</param>
/// <param name="Counts">How many of them are in which status.</param>
/// <param name="Policy">As given.</param>
/// <param name="Labels">As given.</param>
/// <param name="CreatedAt">When the submit began, UTC.</param>
/// <param name="SealedAt">When it was accepted, UTC; null before.</param>
/// <param name="EndedAt">When it ended, UTC; null before.</param>
/// <param name="Version">The version of its stream that this shows.</param>
public sealed record JobSummary(
    JobId Id,
    string Name,
    string State,
    bool IsPaused,
    int TaskCount,
    TaskCounts Counts,
    JobPolicy Policy,
    ImmutableSortedDictionary<string, string> Labels,
    DateTimeOffset CreatedAt,
    DateTimeOffset? SealedAt,
    DateTimeOffset? EndedAt,
    long Version)
{
    /// <summary>When it was trimmed, UTC: its tasks and its history are gone. Null before.</summary>
    public DateTimeOffset? TrimmedAt { get; init; }

    /// <summary>Whether nothing more will happen unless it is redriven.</summary>
    public bool IsEnded => EndedAt is not null;

    /// <summary>Sums up a state.</summary>
    /// <param name="id">The job.</param>
    /// <param name="state">Its state.</param>
    /// <returns>The summary.</returns>
    public static JobSummary Of(JobId id, JobState state) => new(
        id,
        state.Header.Name,
        JobDecider.Word(state.Phase),
        state.IsPaused,
        state.TaskCount,
        state.Counts,
        state.Header.Policy,
        state.Header.Labels,
        state.CreatedAt,
        state.SealedAt,
        state.EndedAt,
        state.Version)
    {
        TrimmedAt = state.TrimmedAt,
    };
}
