using System.CommandLine;
using Elasticity.Api.Jobs;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Run;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;

namespace Elasticity.Cli.Inspect;

/// <summary><c>elasticity watch</c>.</summary>
internal sealed class WatchCommand : TargetCommand
{
    private static readonly Argument<string> Job = JobArgument();

    /// <summary>Makes the command.</summary>
    public WatchCommand()
        : base("watch", "Shows how far a job is until it ends, and fails if the job did not succeed.", Job)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("elasticity watch nightly && echo good", "Waits for a job, and goes on only if it succeeded"),
        ("elasticity watch nightly --json --server http://localhost:8080", "A line of JSON for each change"),
    ];

    /// <summary>Watches a job to its end.</summary>
    /// <returns><see cref="ExitCode.Success"/> when it succeeded, otherwise <see cref="ExitCode.Failed"/>.</returns>
    public static async Task<int> WatchAsync(IInspection engine, JobId id, Output output, CancellationToken stop)
    {
        RunScreen screen = new(isQuiet: output.AsJson, TimeProvider.System);
        RateMeter rate = new(TimeProvider.System);
        try
        {
            long seen = 0;
            while (true)
            {
                JobSummary job = Accepted(await engine.GetJobAsync(id, null, stop));
                if (output.AsJson && job.Version != seen)
                {
                    output.Json(JobMapping.ToDocument(job), ContractsJson.Default.JobDocument);
                }

                seen = job.Version;
                TaskCounts counts = job.Counts;
                if (job.IsEnded)
                {
                    screen.Clear();
                    screen.Say($"elasticity: job {id} {job.State}: {counts.Succeeded} of {job.TaskCount} succeeded");
                    return job.State == JobWord.Succeeded ? ExitCode.Success : ExitCode.Failed;
                }

                int done = counts.Ended;
                screen.Show(new Progress(
                    job.TaskCount, done, counts.DeadLettered, Running: null, rate.Note(done)));
                await engine.WaitForNewsAsync(stop);
                await Task.Delay(TimeSpan.FromMilliseconds(100), stop); // An append is news, but not worth a look each.
            }
        }
        finally
        {
            screen.Clear();
        }
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(
        ParseResult parsed, Target target, Output output, CancellationToken stop)
    {
        JobId job = JobOf(parsed.GetValue(Job)!);
        await using Access<IInspection> access = await target.ReadAsync(stop);
        return await WatchAsync(access.Port, job, output, stop);
    }
}
