namespace Elasticity.Saboteur;

internal static partial class Faults
{
    /// <summary>What is said to be done and is not.</summary>
    private static Sabotage[] Steering =>
    [
        new("cancel-in-vain", "a cancel is answered and not stored",
            new Edit(
                Job, "JobDecision.Accept(new JobEvent.CancelRequested(c.Now)) with { Sweep = true },",
                "c.Now > default(DateTimeOffset) ? JobDecision.NoChange : default,")),
        new("pause-in-vain", "a pause is answered and not stored",
            new Edit(
                Job, "JobDecision.Accept(new JobEvent.Paused(c.Now)).Tell(",
                "c.Now > default(DateTimeOffset) ? JobDecision.NoChange : JobDecision.NoChange.Tell(")),
        new("redrive-in-vain", "a redrive is answered and not stored",
            new Edit(
                Job, "when state.SealedAt is not null && !state.IsTrimmed => Redrive(id, state, c),",
                "when state.SealedAt is not null && !state.IsTrimmed => Redrive(id, state, c) with { Events = [] },")),
    ];
}
