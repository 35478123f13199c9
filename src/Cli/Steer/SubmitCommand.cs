using System.CommandLine;
using Elasticity.Api.Jobs;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Inspect;
using Elasticity.Cli.Run;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;

namespace Elasticity.Cli.Steer;

/// <summary><c>elasticity submit</c>.</summary>
internal sealed class SubmitCommand : TargetCommand
{
    private static readonly Argument<string> File = new("JOBFILE")
    {
        Description = "A job as JSON; '-' reads it from standard input.",
    };

    private static readonly Option<string?> Job = new("--job")
    {
        Description = "The job's id; goes before the one in the file. Submitting the same job again is harmless.",
        HelpName = "ID",
    };

    private static readonly Option<bool> Wait = new("--wait")
    {
        Description = "Watches the job to its end, and fails if it did not succeed.",
    };

    /// <summary>Makes the command.</summary>
    public SubmitCommand()
        : base("submit", "Hands a job over. When this returns, it is accepted and will not be lost.", File, Job, Wait)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("elasticity submit job.json --server http://localhost:8080", "Prints the job's id"),
        ("elasticity submit job.json --job nightly --wait", "Under a name, and waits for the end"),
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(
        ParseResult parsed, Target target, Output output, CancellationToken stop)
    {
        await using Stream standardInput = Console.OpenStandardInput();
        JobFile file = await JobFile.ReadAsync(parsed.GetValue(File)!, standardInput, stop);
        DraftResolution resolved = file.Draft.ResolveInPlace(target.Limits);
        if (resolved.Rejection is { } rejection)
        {
            throw CliException.Of(rejection);
        }

        JobId job = JobOf(parsed.GetValue(Job) ?? file.Id ?? Guid.CreateVersion7().ToString("N"));
        await using Access<IElasticity> access = await target.OpenAsync(mayCreate: true, stop);
        SubmitReceipt receipt = Accepted(await access.Port.SubmitAsync(
            new JobSubmission(job, file.Draft.Header, resolved.Tasks), stop));
        if (output.AsJson)
        {
            output.Json(JobMapping.ToDocument(receipt.Job), ContractsJson.Default.JobDocument);
        }
        else
        {
            output.Line(job.Value);
        }

        return parsed.GetValue(Wait)
            ? await WatchCommand.WatchAsync(access.Port, job, output, stop)
            : ExitCode.Success;
    }
}
