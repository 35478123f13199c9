using System.CommandLine;
using System.CommandLine.Parsing;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Exec;
using Elasticity.Cli.Stores;
using Elasticity.Domain;
using Elasticity.Domain.Tasks;
using Elasticity.Server;

namespace Elasticity.Cli.Run;

/// <summary><c>elasticity run</c>.</summary>
internal sealed class RunCommand : DocumentedCommand
{
    private const int ParallelMax = 1_000;

    private readonly Argument<string?> _file = new("JOBFILE")
    {
        Description = "A job as JSON; '-' reads it from standard input.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _exec = new("--exec")
    {
        Description = "A task for each line of standard input: this command, {} replaced by the line as one argument.",
        HelpName = "'CMD {}'",
    };

    private readonly Option<string?> _job = new("--job")
    {
        Description = "The job's name. The same command again does only what is not finished; "
            + "without --exec and JOBFILE it goes on with the stored job.",
        HelpName = "ID",
    };

    private readonly Option<string> _data = new("--data")
    {
        Description = "The data directory.",
        HelpName = "DIR",
        DefaultValueFactory = _ => DataDirectory.Default,
    };

    private readonly Option<int?> _parallel = new("--parallel", "-P")
    {
        Description = "Commands that run at once. Default: the number of processors",
        HelpName = "N",
    };

    private readonly Option<int?> _retries = new("--retries")
    {
        Description = "How often a failed task is tried again. Default: 2",
        HelpName = "N",
    };

    private readonly Option<TimeSpan?> _timeout = Durations.Option(
        "--timeout",
        "How long a command may run before it is ended and counts as failed.",
        TimeSpan.FromMilliseconds(1),
        TimeSpan.FromSeconds(ExecTask.TimeoutSecondsMax));

    private readonly Option<string?> _results = new("--results")
    {
        Description = "One JSON line for each task, when all have ended; '-' is standard output.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _null = new("--null", "-0")
    {
        Description = "NUL, not the end of a line, ends an item of standard input (find -print0).",
    };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Says only what went wrong." };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "The job as JSON on standard output at the end; errors as JSON.",
    };

    /// <summary>Makes the command.</summary>
    public RunCommand()
        : base("run", "Runs a job here and now, durably: what a crash interrupts, the same command finishes.")
    {
        Add(_file);
        foreach (Option option in (Option[])
            [_exec, _job, _data, _parallel, _retries, _timeout, _results, _null, _quiet, _json])
        {
            Add(option);
        }

        SettingsOptions.AddTo(this);
        _parallel.Validators.Add(r => Between(r, 1, ParallelMax));
        _retries.Validators.Add(r => Between(r, 0, RetryPolicy.AttemptsLimit - 1));
        Validators.Add(Check);
        SetAction((parsed, _) => RunAsync(parsed));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("find . -name '*.png' | elasticity run --exec 'optipng {}'", "A command for each file, in parallel"),
        (
            "find . -type f -print0 | elasticity run -0 --exec 'sha256sum {}' --job sums --results sums.jsonl",
            "Any file name; a name to go on with; the results"
        ),
        ("elasticity run --job sums", "After a crash: goes on with the stored job"),
        ("elasticity run job.json --parallel 8", "A job file: tasks that depend on each other"),
        ("seq 9 | elasticity run --exec 'curl -fsS https://example.com/{}' --retries 5 --timeout 30s", "Limits"),
    ];

    private static void Between(OptionResult result, int least, int most)
    {
        if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out int value)
            && (value < least || value > most))
        {
            result.AddError($"{result.Option.Name} is {least} to {most}, not {value}.");
        }
    }

    private void Check(CommandResult result)
    {
        bool hasFile = result.GetResult(_file) is { Tokens.Count: > 0 };
        bool hasExec = result.GetResult(_exec) is not null;
        bool hasJob = result.GetResult(_job) is not null;
        if (hasFile && hasExec)
        {
            result.AddError("Give either a JOBFILE or --exec.");
        }
        else if (!hasFile && !hasExec && !hasJob)
        {
            result.AddError("Give a JOBFILE, --exec with lines on standard input, or --job to go on with a job.");
        }

        foreach (Option option in (Option[])[_retries, _timeout, _null])
        {
            if (!hasExec && result.GetResult(option) is { Implicit: false })
            {
                result.AddError($"{option.Name} goes with --exec; a job file says it itself, a stored job said it.");
            }
        }

        if (hasJob && !Identifier.IsValid(result.GetValue(_job)))
        {
            result.AddError("--job is 1 to 128 of [A-Za-z0-9._-].");
        }
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        RunOptions options = new()
        {
            JobFile = parsed.GetValue(_file),
            Exec = parsed.GetValue(_exec),
            Job = parsed.GetValue(_job),
            Settings = SettingsOptions.Read(
                parsed, new ServerOptions { DataDirectory = parsed.GetValue(_data)! }).Options,
            Parallel = parsed.GetValue(_parallel) ?? Environment.ProcessorCount,
            Retries = parsed.GetValue(_retries),
            Timeout = parsed.GetValue(_timeout),
            Results = parsed.GetValue(_results),
            IsNullSeparated = parsed.GetValue(_null),
            IsQuiet = parsed.GetValue(_quiet),
            AsJson = parsed.GetValue(_json),
        };
        RunScreen screen = new(options.IsQuiet, TimeProvider.System);
        using Stopping stopping = new(text => screen.Warn($"elasticity: {text}"));
        try
        {
            return await new Runner(options, screen, stopping, TimeProvider.System).RunAsync();
        }
        catch (OperationCanceledException) when (stopping.Exit != 0)
        {
            screen.Clear();
            return stopping.Exit;
        }
        finally
        {
            screen.Clear();
        }
    }
}
