using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Exec;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Cli.Run;

/// <summary>Which job a <c>run</c> works on, and the kind under which the store holds its tasks.</summary>
internal static class RunIdentity
{
    private const int DigestLength = 10;
    private const int KindLengthMax = 64;
    private const int HashLength = 12;

    /// <summary>
    /// The kind of a job's tasks in the store: <c>exec.JOB</c>. Each job has its own, so that a run executes the tasks
    /// of its job, and not those of another that lies unfinished in the same directory.
    /// </summary>
    public static string KindOf(JobId job)
    {
        string kind = $"{ExecTask.Kind}.{job.Value}";
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(job.Value)))[..HashLength];
        return kind.Length <= KindLengthMax ? kind : $"{kind[..(KindLengthMax - 1 - HashLength)]}.{hash}";
    }

    /// <summary>The job as it is submitted.</summary>
    public static JobSubmission Submission(JobId job, RunInput input) =>
        new(job, input.Header, new TasksOfKind(input.Tasks, KindOf(job)));

    /// <summary>
    /// Chooses the id of a job that was given none: made from policy and tasks, so that the same command finds its
    /// unfinished job again; once that has ended, a new one with the next number.
    /// </summary>
    public static async Task<JobId> ChooseAsync(IElasticity engine, RunInput input, CancellationToken cancellationToken)
    {
        string stem = $"run-{JobDigest.Of(input.Header.Policy, input.Tasks)[..DigestLength]}";
        Reply<Page<JobSummary>> reply =
            await engine.ListJobsAsync(new JobFilter(Search: stem), null, 1_000, cancellationToken);
        ImmutableArray<(int Number, JobSummary Job)> older =
        [
            .. (reply.Value ?? throw CliException.Of(reply.Rejection!)).Items
                .Select(j => (NumberOf(j.Id.Value, stem), j)).Where(j => j.Item1 > 0).OrderByDescending(j => j.Item1),
        ];
        return older.IsEmpty ? new JobId(stem)
            : !older[0].Job.IsEnded ? older[0].Job.Id
            : new JobId(string.Create(CultureInfo.InvariantCulture, $"{stem}-{older[0].Number + 1}"));
    }

    private static int NumberOf(string id, string stem) =>
        id == stem ? 1
        : id.StartsWith(stem + "-", StringComparison.Ordinal)
            && int.TryParse(id.AsSpan(stem.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
        : 0;
}
