using System.CommandLine;
using Elasticity.Api.Inspection;
using Elasticity.Cli.CommandLine;
using Elasticity.Contracts;
using Elasticity.Engine;

namespace Elasticity.Cli.Inspect;

/// <summary><c>elasticity queues</c>.</summary>
internal sealed class QueuesCommand()
    : TargetCommand("queues", "Lists the kinds of tasks: how many are ready, and who offers to do them.")
{
    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("elasticity queues --server http://localhost:8080", "What waits, and whether anybody is there for it")];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(
        ParseResult parsed, Target target, Output output, CancellationToken stop)
    {
        await using Access<IElasticity> access = await target.OpenAsync(mayCreate: false, stop);
        List<object?[]> rows = [];
        foreach (QueueView queue in await access.Port.ListQueuesAsync(stop))
        {
            if (output.AsJson)
            {
                output.Json(EventMapping.ToDocument(queue), ContractsJson.Default.QueueDocument);
            }
            else
            {
                rows.Add([queue.Kind, queue.Ready, queue.Delayed, queue.Leased, queue.Agents, queue.Waiting]);
            }
        }

        if (!output.AsJson)
        {
            output.Table(["KIND", "READY", "DELAYED", "LEASED", "AGENTS", "WAITING"], rows);
        }

        return ExitCode.Success;
    }
}
