using System.CommandLine;
using Elasticity.Api.Inspection;
using Elasticity.Cli.CommandLine;
using Elasticity.Contracts;
using Elasticity.Engine;

namespace Elasticity.Cli.Inspect;

/// <summary><c>elasticity doctor</c>.</summary>
internal sealed class DoctorCommand()
    : TargetCommand("doctor", "Lists what is overdue, stuck or wanting, and what to do; fails if there is anything.")
{
    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("elasticity doctor --server http://localhost:8080", "Is everything all right?")];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(
        ParseResult parsed, Target target, Output output, CancellationToken stop)
    {
        await using Access<IElasticity> access = await target.OpenAsync(mayCreate: false, stop);
        IReadOnlyList<Finding> findings = await access.Port.DiagnoseAsync(stop);
        foreach (Finding finding in findings)
        {
            if (output.AsJson)
            {
                output.Json(EventMapping.ToDocument(finding), ContractsJson.Default.FindingDocument);
            }
            else
            {
                output.Line($"{finding.Code}: {finding.Detail}");
            }
        }

        if (findings.Count == 0 && !output.AsJson)
        {
            output.Line("All is well.");
        }

        return findings.Count == 0 ? ExitCode.Success : ExitCode.Failed;
    }
}
