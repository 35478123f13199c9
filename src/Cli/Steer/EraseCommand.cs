using System.CommandLine;
using Elasticity.Api.Jobs;
using Elasticity.Cli.CommandLine;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;

namespace Elasticity.Cli.Steer;

/// <summary><c>elasticity erase</c>.</summary>
internal sealed class EraseCommand : TargetCommand
{
    private static readonly Argument<string> Job = JobArgument();

    private static readonly Argument<int?> Index = new("TASK")
    {
        Description = "The index of one task; without it all of them.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Makes the command.</summary>
    public EraseCommand()
        : base(
            "erase",
            "Erases what tasks of an ended job were given and what they gave. Their history stays, and verifies.",
            Job,
            Index)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("elasticity erase invoices 17", "What somebody asked to be forgotten"),
        ("elasticity erase nightly --server http://localhost:8080", "The payloads of a server's job"),
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(
        ParseResult parsed, Target target, Output output, CancellationToken stop)
    {
        JobId job = JobOf(parsed.GetValue(Job)!);
        int? index = parsed.GetValue(Index);
        await using Access<IElasticity> access = await target.OpenAsync(mayCreate: false, stop);
        JobSummary summary = Accepted(await access.Port.ErasePayloadsAsync(job, index, stop));
        if (output.AsJson)
        {
            output.Json(JobMapping.ToDocument(summary), ContractsJson.Default.JobDocument);
        }
        else
        {
            output.Line($"{job}{(index is null ? string.Empty : $" task {index}")}: payloads erased");
        }

        return ExitCode.Success;
    }
}
