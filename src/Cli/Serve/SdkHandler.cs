using System.Diagnostics;
using System.Text.Json;
using Elasticity.Agent.Sdk;
using Elasticity.Cli.Exec;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Cli.Serve;

/// <summary>Executes commands for the agent SDK: what <c>run</c> does in this process, done for a server.</summary>
internal sealed class SdkHandler(ExecHandler exec)
{
    /// <summary>What <c>{}</c> stands for: a JSON string without its quotes, any other payload as it is.</summary>
    public static string ArgumentOf(Payload payload)
    {
        if (payload.IsNone)
        {
            return string.Empty;
        }

        Utf8JsonReader reader = new(payload.Bytes.Span);
        return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString()! : payload.ToString();
    }

    /// <summary>Executes a task.</summary>
    public async Task<RawJson> ExecuteAsync(RawJson payload, TaskContext context, CancellationToken stop)
    {
        LeasedTask task = new(
            new TaskId(new JobId(context.JobId), context.Index),
            context.Name,
            context.Kind,
            new Payload(payload.Utf8),
            context.Run,
            context.Attempt,
            context.Token,
            context.LeaseLength);
        return await exec.HandleAsync(task, stop) switch
        {
            Settlement.Succeeded s => new RawJson(s.Result.Bytes),
            Settlement.Failed f => throw new TaskFailedException(f.Failure.Code, f.Failure.Message, f.Failure.IsFinal)
            {
                Result = new RawJson(f.Result.Bytes),
            },
            Settlement.GivenBack => throw new OperationCanceledException(stop),
            _ => throw new UnreachableException(),
        };
    }
}
