using Elasticity.Contracts;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Api.Jobs;

/// <summary>Between the messages and the domain: tasks.</summary>
internal static class TaskMapping
{
    public static readonly string[] States =
    [
        TaskWord.Blocked, TaskWord.Pending, TaskWord.Ready, TaskWord.Leased, TaskWord.Succeeded, TaskWord.DeadLettered,
        TaskWord.Cancelled, TaskWord.Skipped,
    ];

    public static TaskDocument ToDocument(TaskView task) => new()
    {
        Job = task.Task.Job.Value,
        Index = task.Task.Index,
        Name = task.Name,
        Kind = task.Kind,
        State = task.State,
        Priority = task.Priority,
        DependsOn = task.DependsOn.IsDefault ? [] : task.DependsOn,
        NotBefore = task.NotBefore,
        Run = task.Run,
        Attempts = task.Attempts,
        LeasesLost = task.LeasesLost,
        LeasesExpired = task.LeasesExpired,
        Token = task.Token,
        Lease = task.Lease is not { } lease ? null : new LeaseDocument
        {
            Token = lease.Token,
            Attempt = lease.Attempt,
            Agent = lease.Agent.Value,
            Session = lease.Session.Value,
        },
        Progress = task.Progress,
        Failure = ToDocument(task.Failure),
        Reason = task.Reason,
        SkipCause = task.SkipCause,
        StartedAt = task.StartedAt,
        EndedAt = task.EndedAt,
        Version = task.Version,
        Payload = new RawJson(task.Payload.Bytes),
        Result = new RawJson(task.Result.Bytes),
    };

    private static FailureDocument? ToDocument(Failure? failure) => failure is null ? null : new FailureDocument
    {
        Code = failure.Code,
        Message = failure.Message,
        IsFinal = failure.IsFinal,
    };
}
