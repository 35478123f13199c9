using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Client.Http;

/// <summary>Between the messages and the domain: tasks.</summary>
internal static class TaskMapping
{
    public static TaskView ToView(TaskDocument task) => new(
        new TaskId(new JobId(task.Job), task.Index),
        task.Name,
        task.Kind,
        task.State,
        task.Priority,
        [.. task.DependsOn],
        task.NotBefore,
        task.Run,
        task.Attempts,
        task.LeasesLost,
        task.LeasesExpired,
        task.Token,
        task.Lease is not { } lease
            ? null
            : new Lease(
                lease.Token, lease.Attempt, new AgentId(lease.Agent), new SessionId(lease.Session), string.Empty),
        task.Progress,
        task.Failure is not { } failure
            ? null
            : new Failure(failure.Code, failure.Message, failure.IsFinal ?? false),
        task.Reason,
        task.SkipCause,
        task.StartedAt,
        task.EndedAt,
        task.Version,
        new Payload(task.Payload.Utf8),
        new Payload(task.Result.Utf8));
}
