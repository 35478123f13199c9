using System.Text.Json;
using System.Text.Unicode;
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
        ReadOnlyMemory<byte> bytes = path == "-"
            ? await ReadToEndAsync(standardInput, cancellationToken)
            : await ReadFileAsync(path, cancellationToken);
        try
        {
            SubmitJob document = Parse(bytes);
            return document.Id is { } id && !Identifier.IsValid(id)
                ? throw CliException.Refused(
                    RejectionCode.Invalid, $"A job's id is 1 to 128 of [A-Za-z0-9._-], not '{id}'.")
                : new JobFile(document.Id, JobMapping.ToDraft(document));
        }
        catch (RefusedException e)
        {
            throw CliException.Refused(e.Code, $"{path}: {e.Message}");
        }
    }

    private static SubmitJob Parse(ReadOnlyMemory<byte> bytes)
    {
        if (!Utf8.IsValid(bytes.Span))
        {
            throw new RefusedException(ProblemCode.BadJson, "The file is not UTF-8.");
        }

        try
        {
            return ContractsJson.Read(bytes, ContractsJson.Default.SubmitJob)
                ?? throw new JsonException("The job is null.");
        }
        catch (JsonException e)
        {
            throw JsonProblem.Of(bytes, ContractsJson.Default.SubmitJob, e);
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw CliException.Refused("file-not-found", $"There is no file '{path}'.");
        }

        return new FileInfo(path).Length > BytesMax
            ? throw TooLarge()
            : await File.ReadAllBytesAsync(path, cancellationToken);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadToEndAsync(Stream stream, CancellationToken cancellationToken)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[64 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and int length)
        {
            await all.WriteAsync(buffer.AsMemory(0, length), cancellationToken);
            if (all.Length > BytesMax)
            {
                throw TooLarge();
            }
        }

        return all.GetBuffer().AsMemory(0, (int)all.Length); // As it is: a copy may be half a gigabyte.
    }

    private static CliException TooLarge() => CliException.Refused(
        RejectionCode.LimitExceeded, $"A job file has at most {BytesMax} bytes: pass payloads by reference.");
}
