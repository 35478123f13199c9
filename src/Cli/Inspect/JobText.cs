using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Exec;
using Elasticity.Domain;
using Elasticity.Engine;

namespace Elasticity.Cli.Inspect;

/// <summary>Jobs and tasks as people read them.</summary>
internal static class JobText
{
    /// <summary>The state of a job in a word or two.</summary>
    public static string State(JobSummary job) => job.TrimmedAt is not null ? $"{job.State}, trimmed"
        : job.IsPaused && !job.IsEnded ? $"{job.State}, paused"
        : job.State;

    /// <summary>Writes all about a job but its tasks.</summary>
    public static void Write(Output output, JobSummary job) => output.Values(
        ("job", job.Id),
        ("name", job.Name),
        ("state", State(job)),
        ("tasks", job.TaskCount),
        ("succeeded", Some(job.Counts.Succeeded)),
        ("dead-lettered", Some(job.Counts.DeadLettered)),
        ("skipped", Some(job.Counts.Skipped + job.Counts.SkipAsked)),
        ("cancelled", Some(job.Counts.Cancelled)),
        ("released", Some(job.Counts.Released)),
        ("blocked", Some(job.Counts.Blocked)),
        ("labels", string.Join(", ", job.Labels.Select(l => $"{l.Key}={l.Value}"))),
        ("created", job.CreatedAt),
        ("accepted", job.SealedAt),
        ("ended", job.EndedAt),
        ("trimmed", job.TrimmedAt),
        ("version", job.Version));

    /// <summary>Writes all about a task.</summary>
    public static void Write(Output output, TaskView task)
    {
        output.Values(
            ("task", task.Task),
            ("name", task.Name),
            ("kind", task.Kind),
            ("state", task.State),
            ("run", task.Run),
            ("failed attempts", Some(task.Attempts)),
            ("leases lost", Some(task.LeasesLost)),
            ("leases expired", Some(task.LeasesExpired)),
            ("token", task.Token),
            ("agent", task.Lease is { } lease ? $"{lease.Agent}, session {lease.Session}" : null),
            ("progress", task.Progress),
            ("failure", task.Failure is { } failure ? new Output.Whole($"{failure.Code}: {failure.Message}") : null),
            ("reason", task.Reason),
            ("skipped because of", task.SkipCause),
            ("depends on", task.DependsOn.IsDefaultOrEmpty ? null : string.Join(", ", task.DependsOn)),
            ("not before", task.NotBefore),
            ("started", task.StartedAt),
            ("ended", task.EndedAt),
            ("version", task.Version),
            ("payload", Whole(task.Payload)));
        WriteResult(output, task.Result);
    }

    /// <summary>A row of a table of tasks: index, state, attempts, kind, name or argument, failure.</summary>
    public static object?[] Row(TaskView task) =>
    [
        task.Task.Index,
        task.State == "pending" && task.NotBefore is { } due ? $"pending until {Output.Time(due)}" : task.State,
        task.Attempts + (task.State == "succeeded" ? 1 : 0),
        task.Kind,
        task.Name ?? ExecTask.Read(task.Payload).Task?.Argument,
        task.Failure?.Message,
    ];

    private static void WriteResult(Output output, Payload result)
    {
        if (ExecResult.Read(result) is not { Seconds: > 0 } exec)
        {
            output.Values(("result", Whole(result)));
            return;
        }

        output.Values(("exit code", exec.ExitCode), ("seconds", exec.Seconds));
        foreach (string? text in (string?[])[exec.Output, exec.ErrorOutput])
        {
            if (!string.IsNullOrEmpty(text))
            {
                output.Line(text.TrimEnd('\n'));
            }
        }
    }

    private static Output.Whole? Whole(Payload payload) => payload.IsNone ? null : new Output.Whole(payload.ToString());

    private static int? Some(int count) => count == 0 ? null : count;
}
