using System.Globalization;
using System.Text;
using Elasticity.Cli.Exec;
using Elasticity.Domain;
using Elasticity.Engine;

namespace Elasticity.Cli.Run;

/// <summary>Shows each dead-lettered task once, with the end of what it wrote; after many, only their number.</summary>
/// <param name="engine">Where the tasks are.</param>
/// <param name="job">The job.</param>
/// <param name="screen">Where they are shown.</param>
internal sealed class FailureReport(IInspection engine, JobId job, RunScreen screen)
{
    private const int ShownMax = 20;
    private const int OutputLengthMax = 2_000;

    private readonly HashSet<int> _shown = [];
    private int _told;

    /// <summary>Shows those that are new.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>When shown.</returns>
    public async Task ShowAsync(int count, CancellationToken cancellationToken)
    {
        if (count <= _told || _shown.Count >= ShownMax)
        {
            return;
        }

        _told = count;
        string? cursor = null;
        do
        {
            Reply<Page<TaskView>> reply = await engine.ListTasksAsync(
                job, new TaskQuery("dead-lettered", WithPayloads: true), cursor, ShownMax, cancellationToken);
            foreach (TaskView task in reply.Value?.Items ?? [])
            {
                if (_shown.Count < ShownMax && _shown.Add(task.Task.Index))
                {
                    screen.Warn(Describe(task));
                }
            }

            cursor = reply.Value?.Next;
        }
        while (cursor is not null && _shown.Count < ShownMax);
        if (_shown.Count >= ShownMax)
        {
            screen.Warn($"(failures beyond the first {ShownMax} are not shown; the results file has them)");
        }
    }

    /// <summary>A failed task as text.</summary>
    public static string Describe(TaskView task)
    {
        (ExecTask? exec, _) = ExecTask.Read(task.Payload);
        int attempts = ResultLine.AttemptsOf(task);
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"failed: task {task.Task.Index}");
        text.Append(task.Name is null ? "" : $" '{task.Name}'");
        text.Append(exec?.Argument is null ? "" : $" ({Shorten(exec.Argument, 200)})");
        text.Append(CultureInfo.InvariantCulture, $", {attempts} attempt{(attempts == 1 ? "" : "s")}, {task.Reason}: ");
        text.Append(task.Failure?.Message);
        ExecResult? result = ExecResult.Read(task.Result);
        Append(text, result?.Output);
        Append(text, result?.ErrorOutput);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string? output)
    {
        foreach (string line in Shorten(output ?? "", OutputLengthMax).TrimEnd('\n').Split('\n'))
        {
            if (!string.IsNullOrEmpty(output))
            {
                text.Append('\n').Append("    ").Append(line);
            }
        }
    }

    // The end says more than the beginning; control characters would play with the terminal.
    private static string Shorten(string text, int max)
    {
        string end = text.Length <= max ? text : $"…{text[^max..]}";
        return new string([.. end.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '?' : c)]);
    }
}
