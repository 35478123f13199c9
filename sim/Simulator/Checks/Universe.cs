namespace Elasticity.Simulator.Checks;

/// <summary>
/// Every transition that the log may show, told from the documentation and held against it by a test: one that is not
/// here is a violation, one that was never reached is printed. And every answer that a caller may be given, which is
/// one that the clients of the simulator can bring about.
/// </summary>
internal static class Universe
{
    /// <summary>State before, what happened, the states after.</summary>
    private static readonly (string Machine, string Before, string Event, string After)[] Lines =
    [
        ("agent", "none draining gone live", "agent-registered-1", "live"),
        ("agent", "live", "agent-draining-1", "draining"),
        ("agent", "live draining", "agent-session-ended-1", "gone"),
        ("agent", "live", "agent-attached-1", "live"),
        ("agent", "draining", "agent-attached-1", "draining"),
        ("job", "none", "job-opened-1", "opening"),
        ("job", "opening", "job-tasks-added-1", "opening"),
        ("job", "opening", "job-sealed-1", "open"),
        ("job", "opening open failing", "job-cancel-requested-1", "cancelling"),
        ("job", "open", "job-outcomes-recorded-1", "open"),
        ("job", "failing", "job-outcomes-recorded-1", "failing"),
        ("job", "cancelling", "job-outcomes-recorded-1", "cancelling"),
        ("job", "open", "job-checkpointed-1", "open"),
        ("job", "failing", "job-checkpointed-1", "failing"),
        ("job", "cancelling", "job-checkpointed-1", "cancelling"),
        ("job", "open", "job-failing-1", "failing"),
        ("job", "open", "job-paused-1", "open"),
        ("job", "open", "job-resumed-1", "open"),
        ("job", "open succeeded failed cancelled", "job-redriven-1", "open"),
        ("job", "open cancelling", "job-ended-1", "succeeded failed cancelled"),
        ("job", "failing", "job-ended-1", "failed"),
        ("job", "succeeded", "job-payloads-erased-1", "succeeded"),
        ("job", "failed", "job-payloads-erased-1", "failed"),
        ("job", "cancelled", "job-payloads-erased-1", "cancelled"),
        ("job", "succeeded failed cancelled", "job-trimmed-1", "trimmed"),
        ("task", "untouched waiting ended", "task-leased-1", "leased"),
        ("task", "leased", "task-succeeded-1", "ended"),
        ("task", "leased", "task-failed-1", "waiting"),
        ("task", "leased", "task-given-back-1", "waiting"),
        ("task", "leased", "task-lost-1", "waiting"),
        ("task", "leased", "task-expired-1", "waiting"),
        ("task", "waiting", "task-dead-lettered-1", "ended"),
        ("task", "leased", "task-cancel-requested-1", "leased"),
        ("task", "untouched waiting ended", "task-cancelled-1", "ended"),
        ("task", "untouched waiting ended", "task-skipped-1", "ended"),
        ("task", "waiting", "task-result-refused-1", "waiting"),
        ("task", "leased", "task-result-refused-1", "leased"),
        ("task", "ended", "task-result-refused-1", "ended"),
    ];

    private static readonly (string Question, string Codes)[] Questions =
    [
        ("A message", "bad-json unknown-field invalid dependency-unknown dependency-cycle"),
        ("Open", "ok job-exists limit-exceeded"),
        ("AddTasks", "ok job-incomplete job-state job-unknown dependency-unknown invalid"),
        ("Seal", "ok job-incomplete job-state job-unknown dependency-cycle"),
        ("Open+Seal", "ok job-exists job-state limit-exceeded"),
        ("Open+AddTasks+Seal",
            "ok job-exists job-incomplete job-state dependency-cycle dependency-unknown invalid limit-exceeded"),
        ("Cancel", "ok job-unknown job-state"),
        ("Pause", "ok job-unknown job-state"),
        ("Resume", "ok job-unknown job-state"),
        ("Redrive", "ok job-unknown job-state task-unknown task-state idempotency-mismatch"),
        ("ErasePayloads", "ok job-unknown job-state task-unknown"),
        ("Look", "ok"),
        ("Reserve", "ok job-unknown job-state"),
        ("Register", "ok agent-superseded session-unknown limit-exceeded"),
        ("Drain", "ok agent-superseded session-unknown"),
        ("EndSession", "ok session-unknown"),
        ("Lease", "ok agent-draining agent-superseded session-unknown limit-exceeded"),
        ("Beat", "ok agent-superseded session-unknown"),
        ("Beat of a lease", "Renewed CancelRequested Lost"),
        ("Settle", "ok lease-lost job-state"),
        ("Settle with lease", "ok agent-draining agent-superseded session-unknown limit-exceeded"),
    ];

    public static IReadOnlySet<(string Machine, string Transition)> Transitions { get; } =
        new HashSet<(string, string)>(
        from line in Lines
        from before in line.Before.Split(' ')
        from after in line.After.Split(' ')
        select (line.Machine, Name(before, line.Event, after)));

    /// <summary>Bounds that a task may meet.</summary>
    public static IReadOnlySet<(string Machine, string Transition)> Bounds { get; } = new HashSet<(string, string)>(
        from bound in (string[])
            ["attempts-exhausted", "final-failure", "lost-too-often", "poison", "refused reports of a run"]
        select ("bound", bound));

    public static IReadOnlySet<(string Machine, string Transition)> Answers { get; } = new HashSet<(string, string)>(
        from question in Questions
        from code in question.Codes.Split(' ')
        select ("answer", $"{question.Question}: {code}"));

    public static string Name(string before, string happened, string after) =>
        $"{(before.Length == 0 ? "none" : before)} --{happened}--> {after}";
}
