using System.CommandLine;
using Elasticity.Api.Jobs;
using Elasticity.Cli.CommandLine;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Cli.Inspect;

/// <summary><c>elasticity show</c>.</summary>
internal sealed class ShowCommand : TargetCommand
{
    private const int PageLength = 500;

    private static readonly Argument<string> Job = JobArgument();

    private static readonly Argument<int?> Index = new("TASK")
    {
        Description = "A task's index: all about it, with payload and result.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> State = new("--state") { Description = "Only tasks in this state." };

    private static readonly Option<int> Limit = new("--limit")
    {
        Description = "The most tasks to list; 0 lists none.",
        HelpName = "N",
        DefaultValueFactory = _ => 20,
    };

    private static readonly Option<long?> Version = new("--at")
    {
        Description = "As it was at this version of its history.",
        HelpName = "V",
    };

    private static readonly Option<bool> History = new("--history") { Description = "The events instead." };

    /// <summary>Makes the command.</summary>
    public ShowCommand()
        : base("show", "Shows a job with its tasks, or one task, now or as it was.",
            Job, Index, State, Limit, Version, History) =>
        State.AcceptOnlyFromAmong(TaskMapping.States);

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("elasticity show nightly --state dead-lettered", "A job, and the tasks that failed"),
        ("elasticity show nightly 17", "One task, with what it wrote"),
        ("elasticity show nightly 17 --history", "What happened to it, event by event"),
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(
        ParseResult parsed, Target target, Output output, CancellationToken stop)
    {
        JobId job = JobOf(parsed.GetValue(Job)!);
        TaskId? task = parsed.GetValue(Index) is { } index ? new TaskId(job, index) : null;
        await using Access<IInspection> access = await target.ReadAsync(stop);
        if (parsed.GetValue(History))
        {
            // Asked for first, so that a history that is not there is told apart from one that is empty.
            Accepted(await access.Port.GetJobAsync(job, null, stop));
            await WriteHistoryAsync(
                access.Port, task is { } t ? StreamNames.Of(t) : StreamNames.Of(job), output, stop);
            return ExitCode.Success;
        }

        if (task is { } one)
        {
            TaskView view = Accepted(await access.Port.GetTaskAsync(
                one, parsed.GetValue(Version), withPayloads: true, stop));
            Write(output, view);
            return ExitCode.Success;
        }

        JobSummary summary = Accepted(await access.Port.GetJobAsync(job, parsed.GetValue(Version), stop));
        if (output.AsJson)
        {
            output.Json(JobMapping.ToDocument(summary), ContractsJson.Default.JobDocument);
        }
        else
        {
            JobText.Write(output, summary);
        }

        await ListTasksAsync(access.Port, job, parsed.GetValue(State), parsed.GetValue(Limit), output, stop);
        return ExitCode.Success;
    }

    private static void Write(Output output, TaskView task)
    {
        if (output.AsJson)
        {
            output.Json(TaskMapping.ToDocument(task), ContractsJson.Default.TaskDocument);
        }
        else
        {
            JobText.Write(output, task);
        }
    }

    private static async Task ListTasksAsync(
        IInspection engine, JobId job, string? state, int left, Output output, CancellationToken stop)
    {
        string? cursor = null;
        List<object?[]> rows = [];
        while (left > 0)
        {
            Page<TaskView> page = Accepted(await engine.ListTasksAsync(
                job, new TaskQuery(state, WithPayloads: true), cursor, Math.Min(left, PageLength), stop));
            foreach (TaskView task in page.Items)
            {
                if (output.AsJson)
                {
                    output.Json(TaskMapping.ToDocument(task), ContractsJson.Default.TaskDocument);
                }
                else
                {
                    rows.Add(JobText.Row(task));
                }
            }

            left -= page.Items.Count;
            cursor = page.Next;
            if (cursor is null)
            {
                break;
            }
        }

        if (rows.Count > 0)
        {
            output.Line(string.Empty);
            output.Table(["TASK", "STATE", "ATTEMPTS", "KIND", "WHAT", "FAILURE"], rows);
            if (cursor is not null)
            {
                output.Line("… more with --limit");
            }
        }
    }

    private static async Task WriteHistoryAsync(
        IInspection engine, StreamId stream, Output output, CancellationToken stop)
    {
        IReadOnlyList<StoredEvent> page;
        long from = 1;
        while ((page = await engine.ReadHistoryAsync(stream, from, PageLength, stop)).Count > 0)
        {
            foreach (StoredEvent stored in page)
            {
                EventText.Write(output, stored);
            }

            from = page[^1].Version + 1;
        }
    }
}
