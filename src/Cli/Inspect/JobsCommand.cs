using System.CommandLine;
using Elasticity.Api.Jobs;
using Elasticity.Cli.CommandLine;
using Elasticity.Contracts;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Cli.Inspect;

/// <summary><c>elasticity jobs</c>.</summary>
internal sealed class JobsCommand : TargetCommand
{
    private const int PageLength = 1_000;

    private static readonly Option<string?> State = new("--state") { Description = "Only those in this state." };

    private static readonly Option<string?> Search = new("--search")
    {
        Description = "Only those whose id or name contains this.",
        HelpName = "TEXT",
    };

    private static readonly Option<int> Limit = new("--limit")
    {
        Description = "The most to list.",
        HelpName = "N",
        DefaultValueFactory = _ => 50,
    };

    /// <summary>Makes the command.</summary>
    public JobsCommand()
        : base("jobs", "Lists jobs, newest first.", State, Search, Limit) =>
        State.AcceptOnlyFromAmong(JobMapping.States);

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("elasticity jobs", "The jobs of the data directory here"),
        ("elasticity jobs --server http://localhost:8080 --state failed --json", "What went wrong on a server"),
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(
        ParseResult parsed, Target target, Output output, CancellationToken stop)
    {
        await using Access<IInspection> access = await target.ReadAsync(stop);
        JobFilter filter = new(parsed.GetValue(State), parsed.GetValue(Search));
        int left = parsed.GetValue(Limit);
        string? cursor = null;
        List<object?[]> rows = [];
        do
        {
            Page<JobSummary> page = Accepted(await access.Port.ListJobsAsync(
                filter, cursor, Math.Clamp(left, 1, PageLength), stop));
            foreach (JobSummary job in page.Items.Take(left))
            {
                if (output.AsJson)
                {
                    output.Json(JobMapping.ToDocument(job), ContractsJson.Default.JobDocument);
                }
                else
                {
                    rows.Add(Row(job));
                }
            }

            left -= page.Items.Count;
            cursor = page.Next;
        }
        while (left > 0 && cursor is not null);
        if (!output.AsJson)
        {
            output.Table(["JOB", "STATE", "TASKS", "DONE", "FAILED", "CREATED", "NAME"], rows);
        }

        return ExitCode.Success;
    }

    private static object?[] Row(JobSummary job) =>
    [
        job.Id,
        JobText.State(job),
        job.TaskCount,
        job.Counts.Ended,
        job.Counts.DeadLettered,
        job.CreatedAt,
        job.Name,
    ];
}
