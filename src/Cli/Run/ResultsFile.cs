using Elasticity.Cli.CommandLine;
using Elasticity.Domain;
using Elasticity.Engine;

namespace Elasticity.Cli.Run;

/// <summary>The results of a job, a line for each task, in their order. Read from the store, so that tasks which an
/// earlier process executed are in it.</summary>
internal static class ResultsFile
{
    private const int PageLength = 500;

    /// <summary>Tells at once whether a file could be written, before hours of work.</summary>
    /// <exception cref="CliException"><c>results-unwritable</c>.</exception>
    public static void Check(string path)
    {
        if (path == "-")
        {
            return;
        }

        try
        {
            string temporary = TemporaryFor(path);
            File.Create(temporary).Dispose();
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Refused(
                "results-unwritable", $"The results file '{path}' cannot be written: {e.Message}");
        }
    }

    /// <summary>Writes the file: beside its place first, then moved there, so that it is whole whenever it is
    /// seen.</summary>
    public static async Task WriteAsync(
        IInspection engine, JobId job, string path, CancellationToken cancellationToken)
    {
        if (path == "-")
        {
            await using Stream output = new BufferedStream(Console.OpenStandardOutput(), 64 * 1024);
            await WriteAllAsync(engine, job, output, cancellationToken);
            return;
        }

        string temporary = TemporaryFor(path);
        await using (FileStream file = new(temporary, FileMode.Create, FileAccess.Write, FileShare.Read, 64 * 1024))
        {
            await WriteAllAsync(engine, job, file, cancellationToken);
            await file.FlushAsync(cancellationToken);
            RandomAccess.FlushToDisk(file.SafeFileHandle); // Or a power cut leaves a new name with nothing behind it.
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static string TemporaryFor(string path) => $"{path}.{Environment.ProcessId}.tmp";

    private static async Task WriteAllAsync(
        IInspection engine, JobId job, Stream stream, CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            Reply<Page<TaskView>> reply = await engine.ListTasksAsync(
                job, new TaskQuery(WithPayloads: true), cursor, PageLength, cancellationToken);
            Page<TaskView> page = reply.Value ?? throw CliException.Of(reply.Rejection!);
            foreach (TaskView task in page.Items)
            {
                ResultLine.Write(stream, task);
            }

            cursor = page.Next;
        }
        while (cursor is not null);
    }
}
