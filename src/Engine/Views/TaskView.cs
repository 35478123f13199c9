using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;

namespace Elasticity.Engine;

/// <summary>A task as it is shown.</summary>
/// <param name="Task">Which.</param>
/// <param name="Name">Its name; null when it has none.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="State"><c>blocked</c> (a dependency has not succeeded), <c>pending</c> (not-before, back-off),
/// <c>ready</c>, <c>leased</c>, <c>succeeded</c>, <c>dead-lettered</c>, <c>cancelled</c>, <c>skipped</c>.</param>
/// <param name="Priority">Defaults applied.</param>
/// <param name="DependsOn">The tasks that must succeed first.</param>
/// <param name="NotBefore">Not leased before this instant, UTC; the end of a back-off too; null means none.</param>
/// <param name="Run">1, then +1 with each redrive.</param>
/// <param name="Attempts">How many attempts of this run failed.</param>
/// <param name="LeasesLost">How many leases of this run were lost.</param>
/// <param name="LeasesExpired">How many leases of this run expired.</param>
/// <param name="Token">The token of the last lease; 0 before the first.</param>
/// <param name="Lease">The current lease; null unless leased.</param>
/// <param name="Progress">What the agent said last; null for nothing.</param>
/// <param name="Failure">The last failure of this run; null for none.</param>
/// <param name="Reason">Why it was dead-lettered, a stable word; null otherwise.</param>
/// <param name="SkipCause">The dependency that made it skipped; null otherwise.</param>
/// <param name="StartedAt">When the first lease of this run began, UTC.</param>
/// <param name="EndedAt">When the run ended, UTC.</param>
/// <param name="Version">The version of its stream that this shows; 0 when it has no event yet.</param>
/// <param name="Payload">Its input, when asked for.</param>
/// <param name="Result">Its result, when asked for; may be none.</param>
public sealed record TaskView(
    TaskId Task,
    string? Name,
    string Kind,
    string State,
    int Priority,
    ImmutableArray<int> DependsOn,
    DateTimeOffset? NotBefore,
    int Run,
    int Attempts,
    int LeasesLost,
    int LeasesExpired,
    long Token,
    Lease? Lease,
    string? Progress,
    Failure? Failure,
    string? Reason,
    int? SkipCause,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    long Version,
    Payload Payload,
    Payload Result);
