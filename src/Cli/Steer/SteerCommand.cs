using System.CommandLine;
using Elasticity.Api.Jobs;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Inspect;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;

namespace Elasticity.Cli.Steer;

/// <summary>The commands that ask a job for one thing: <c>cancel</c>, <c>pause</c>, <c>resume</c>,
/// <c>trim</c>.</summary>
internal sealed class SteerCommand : TargetCommand
{
    private readonly Argument<string> _job;
    private readonly Func<IJobs, JobId, CancellationToken, ValueTask<Reply<JobSummary>>> _ask;
    private readonly string? _done;

    private SteerCommand(
        string name,
        string description,
        Argument<string> job,
        Func<IJobs, JobId, CancellationToken, ValueTask<Reply<JobSummary>>> ask,
        string? done = null)
        : base(name, description, job)
    {
        _job = job;
        _ask = ask;
        _done = done;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ($"elasticity {Name} nightly", "A job of the data directory here"),
        ($"elasticity {Name} nightly --server http://localhost:8080", "A job of a server"),
    ];

    /// <summary>Makes all of them.</summary>
    public static IEnumerable<Command> All() =>
    [
        new SteerCommand(
            "cancel", "Stops a job: what was not begun is cancelled, what runs is asked to stop.", JobArgument(),
            static (jobs, job, stop) => jobs.CancelAsync(job, stop)),
        new SteerCommand(
            "pause", "Gives out no more tasks of a job; what runs goes on.", JobArgument(),
            static (jobs, job, stop) => jobs.PauseAsync(job, stop)),
        new SteerCommand(
            "resume", "Gives out the tasks of a paused job again.", JobArgument(),
            static (jobs, job, stop) => jobs.ResumeAsync(job, stop)),
        new SteerCommand(
            "trim", "Removes the events of an ended job and its tasks; a tombstone with their hashes remains.",
            JobArgument(), static (jobs, job, stop) => jobs.TrimAsync(job, stop), "trimmed"),
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(
        ParseResult parsed, Target target, Output output, CancellationToken stop)
    {
        JobId job = JobOf(parsed.GetValue(_job)!);
        await using Access<IElasticity> access = await target.OpenAsync(mayCreate: false, stop);
        JobSummary summary = Accepted(await _ask(access.Port, job, stop));
        if (output.AsJson)
        {
            output.Json(JobMapping.ToDocument(summary), ContractsJson.Default.JobDocument);
        }
        else
        {
            output.Line($"{job} {_done ?? JobText.State(summary)}");
        }

        return ExitCode.Success;
    }
}
