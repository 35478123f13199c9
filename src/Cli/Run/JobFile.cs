using Elasticity.Api.Http;
using Elasticity.Api.Jobs;
using Elasticity.Cli.CommandLine;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;

namespace Elasticity.Cli.Run;

/// <summary>A job in a file: the document that <c>POST /v1/jobs</c> takes,
/// docs/reference/jobfile.schema.json.</summary>
/// <param name="Id">Its id; null when the file gives none.</param>
/// <param name="Draft">The job.</param>
internal sealed record JobFile(string? Id, JobDraft Draft)
{
    /// <summary>The largest file: 512 MiB, room for a million tasks of half a kilobyte.</summary>
    public const int BytesMax = 512 * 1024 * 1024;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path; <c>-</c> for standard input.</param>
    /// <param name="standardInput">Standard input.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The job. Its tasks are not checked against each other yet.</returns>
    /// <exception cref="CliException"><c>bad-json</c>, <c>unknown-field</c>, <c>invalid</c>, <c>limit-exceeded</c>,
    /// <c>file-not-found</c>.</exception>
    public static async Task<JobFile> ReadAsync(
        string path, Stream standardInput, CancellationToken cancellationToken)
    {
        await using Stream? file = path == "-" ? null : Open(path);
        try
        {
            (SubmitJob around, PackedTasks tasks) =
                await new JobFileReader(file ?? standardInput, BytesMax).ReadAsync(cancellationToken);
            return around.Id is { } id && !Identifier.IsValid(id)
                ? throw CliException.Refused(
                    RejectionCode.Invalid, $"A job's id is 1 to 128 of [A-Za-z0-9._-], not '{Identifier.Shorten(id)}'.")
                : new JobFile(
                    around.Id, new JobDraft(JobMapping.ToHeader(around.Name, around.Policy, around.Labels), tasks));
        }
        catch (RefusedException e)
        {
            throw CliException.Refused(e.Code, $"{path}: {e.Message}");
        }
    }

    private static FileStream Open(string path) => File.Exists(path)
        ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous)
        : throw CliException.Refused("file-not-found", $"There is no file '{path}'.");
}
