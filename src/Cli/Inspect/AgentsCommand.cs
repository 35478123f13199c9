using System.CommandLine;
using System.Globalization;
using Elasticity.Api.Work;
using Elasticity.Cli.CommandLine;
using Elasticity.Contracts;
using Elasticity.Engine;

namespace Elasticity.Cli.Inspect;

/// <summary><c>elasticity agents</c>.</summary>
internal sealed class AgentsCommand() : TargetCommand("agents", "Lists the agents with a live session.")
{
    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("elasticity agents --server http://localhost:8080", "Who works, on what, and when it was last heard of")];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(
        ParseResult parsed, Target target, Output output, CancellationToken stop)
    {
        await using Access<IElasticity> access = await target.OpenAsync(mayCreate: false, stop);
        List<object?[]> rows = [];
        foreach (AgentView agent in await access.Port.ListAgentsAsync(stop))
        {
            if (output.AsJson)
            {
                output.Json(WorkMapping.ToDocument(agent), ContractsJson.Default.AgentDocument);
            }
            else
            {
                rows.Add(Row(agent));
            }
        }

        if (!output.AsJson)
        {
            output.Table(["AGENT", "STATE", "KINDS", "SLOTS", "LEASES", "SEEN", "SINCE"], rows);
        }

        return ExitCode.Success;
    }

    private static object?[] Row(AgentView agent) =>
    [
        agent.Id,
        agent.State,
        string.Join(' ', agent.Offer.Kinds),
        agent.Offer.Slots,
        agent.LeaseCount,
        string.Create(CultureInfo.InvariantCulture, $"{agent.SeenAgo.TotalSeconds:0} s ago"),
        agent.RegisteredAt,
    ];
}
