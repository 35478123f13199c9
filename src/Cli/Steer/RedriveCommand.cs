using System.CommandLine;
using Elasticity.Api.Jobs;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Inspect;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;

namespace Elasticity.Cli.Steer;

/// <summary><c>elasticity redrive</c>.</summary>
internal sealed class RedriveCommand : TargetCommand
{
    private static readonly Argument<string> Job = JobArgument();

    private static readonly Argument<int?> Index = new("TASK")
    {
        Description = "The index of one dead-lettered or cancelled task; without it all dead-lettered ones.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Request = new("--request")
    {
        Description = "An id of yours for this redrive: asked for again with the same one, it changes nothing.",
        HelpName = "ID",
    };

    /// <summary>Makes the command.</summary>
    public RedriveCommand()
        : base("redrive", "Has tasks done again that ended badly, and those that were skipped because of them.",
            Job, Index, Request)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("elasticity redrive nightly && elasticity run --job nightly", "Everything that failed, here and now"),
        ("elasticity redrive nightly 17 --server http://localhost:8080", "One task of a server's job"),
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(
        ParseResult parsed, Target target, Output output, CancellationToken stop)
    {
        JobId job = JobOf(parsed.GetValue(Job)!);
        await using Access<IElasticity> access = await target.OpenAsync(mayCreate: false, stop);
        JobSummary summary = Accepted(await access.Port.RedriveAsync(
            job, parsed.GetValue(Index), parsed.GetValue(Request), stop));
        if (output.AsJson)
        {
            output.Json(JobMapping.ToDocument(summary), ContractsJson.Default.JobDocument);
        }
        else
        {
            output.Line($"{job} {JobText.State(summary)}, tasks to do: {summary.Counts.Released}");
        }

        return ExitCode.Success;
    }
}
