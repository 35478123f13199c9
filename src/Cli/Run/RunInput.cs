using System.Collections.Immutable;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Exec;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;

namespace Elasticity.Cli.Run;

/// <summary>The job that <c>run</c> was given.</summary>
/// <param name="Id">Its id as given; null when none was.</param>
/// <param name="Header">Name, policy and labels.</param>
/// <param name="Tasks">The tasks, all of the kind <c>exec</c>.</param>
internal sealed record RunInput(string? Id, JobHeader Header, IReadOnlyList<TaskSpec> Tasks)
{
    /// <summary>Reads it.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="standardInput">Where lines come from.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The job; null when only its id was given.</returns>
    /// <exception cref="CliException">It is wrong.</exception>
    public static async Task<RunInput?> ReadAsync(
        RunOptions options, Stream standardInput, CancellationToken cancellationToken)
    {
        if (options.JobFile is { } path)
        {
            return OfFile(await JobFile.ReadAsync(path, standardInput, cancellationToken), options);
        }

        return options.Exec is null ? null : await OfLinesAsync(options, standardInput, cancellationToken);
    }

    private static RunInput OfFile(JobFile file, RunOptions options)
    {
        DraftResolution resolved = file.Draft.ResolveInPlace(options.Settings.Api.Limits);
        if (resolved.Rejection is { } rejection)
        {
            throw CliException.Of(rejection);
        }

        if (file.Draft.Header.Policy.Problem() is { } wrong)
        {
            throw CliException.Refused(RejectionCode.Invalid, wrong);
        }

        for (int i = 0; i < resolved.Tasks.Count; i++)
        {
            TaskSpec task = resolved.Tasks[i];
            if (task.Kind != ExecTask.Kind)
            {
                throw CliException.Refused(
                    "kind-unknown",
                    $"Task {i} is of the kind '{Identifier.Shorten(task.Kind)}'. "
                    + $"'run' executes '{ExecTask.Kind}' only; for other kinds submit the job to a server "
                    + "that has agents for them.");
            }

            if (ExecTask.Read(task.Payload).Problem is { } problem)
            {
                throw CliException.Refused(RejectionCode.Invalid, $"Task {i}: {problem}");
            }
        }

        return new RunInput(options.Job ?? file.Id, file.Draft.Header, resolved.Tasks);
    }

    private static async Task<RunInput> OfLinesAsync(
        RunOptions options, Stream standardInput, CancellationToken cancellationToken)
    {
        string command = options.Exec!;
        Limits limits = options.Settings.Api.Limits;
        if (!OperatingSystem.IsWindows() && ShellTemplate.Expand(command).Problem is { } problem)
        {
            throw CliException.Refused("exec-template", $"--exec: {problem}");
        }

        LineReader lines = new(standardInput, options.IsNullSeparated, ShellCommand.ArgumentBytesMax);
        PackedTasks tasks = new();
        while (await lines.ReadAsync(cancellationToken) is { } line)
        {
            if (tasks.Count == limits.TasksPerJobMax)
            {
                throw CliException.Refused(
                    RejectionCode.LimitExceeded,
                    $"A job has at most {limits.TasksPerJobMax} tasks, and the input has more: split it.");
            }

            tasks.Add(new TaskDraft(new TaskSpec
            {
                Kind = ExecTask.Kind,
                Payload = ExecTask.Write(command, line.Span, options.Timeout),
            }));
        }

        JobPolicy policy = options.Retries is { } retries
            ? new JobPolicy { Retry = new RetryPolicy { AttemptsMax = retries + 1 } }
            : JobPolicy.Default;
        string name = Shorten(command, limits.NameLengthMax);
        JobHeader header = new(name, policy, ImmutableSortedDictionary<string, string>.Empty);
        DraftResolution resolved = new JobDraft(header, tasks).ResolveInPlace(limits);
        return resolved.Rejection is { } rejection
            ? throw CliException.Of(rejection)
            : new RunInput(options.Job, header, resolved.Tasks);
    }

    private static string Shorten(string command, int lengthMax)
    {
        string name = new([.. command.Take(lengthMax).Select(c => char.IsControl(c) ? ' ' : c)]);
        return Identifier.IsShowable(name) ? name : string.Empty;
    }
}
