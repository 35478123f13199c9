using Elasticity.Domain;

namespace Elasticity.Engine;

/// <summary>What commands for a job are answered.</summary>
/// <param name="Job">The job after them; null when it does not exist.</param>
/// <param name="Progress">How far its submit is.</param>
/// <param name="WasKnown">It had been accepted before the first command.</param>
/// <param name="Rejection">Why one of them was refused; null when none was.</param>
public sealed record JobAnswer(JobSummary? Job, SubmitProgress Progress, bool WasKnown, Rejection? Rejection);
