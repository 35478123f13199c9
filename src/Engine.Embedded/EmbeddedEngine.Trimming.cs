using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;

namespace Elasticity.Engine.Embedded;

/// <summary>Removing what has ended.</summary>
public sealed partial class EmbeddedEngine
{
    /// <inheritdoc/>
    public async ValueTask<Reply<JobSummary>> ErasePayloadsAsync(
        JobId job, int? index, CancellationToken cancellationToken)
    {
        // The event comes first: from then on nobody redrives what is about to lose its payload. Where it is there
        // already the bytes may not be gone: whoever asked may have met a failure.
        Reply<JobSummary> decided = await CommandAsync(
            job, new JobCommand.ErasePayloads(default, index), cancellationToken).ConfigureAwait(false);
        if (decided.IsAccepted)
        {
            await ReadAsync(async store =>
            {
                await PayloadEraser.EraseAsync(store, job, index, cancellationToken).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
        }

        return decided;
    }

    /// <inheritdoc/>
    public async ValueTask<Reply<JobSummary>> TrimAsync(JobId job, CancellationToken cancellationToken)
    {
        Pump pump = Serving;
        TrimAnswer answer = await AskAsync<TrimAnswer>(new CoreInput.Reserve(job), cancellationToken)
            .ConfigureAwait(false);
        if (answer.Rejection is not null || answer.Tombstone is null)
        {
            return answer.Rejection is { } rejection ? rejection : answer.Job!;
        }

        try
        {
            List<StreamInfo> streams = await ReadAsync(s => JobTrimmer.StreamsOfAsync(s, job, answer.Head))
                .ConfigureAwait(false);
            AppendBatch tombstone = new(Guid.CreateVersion7(), [answer.Tombstone], [answer.Row!]);
            AppendResult result = await ReadAsync(s => s.TrimAsync(streams, tombstone, CancellationToken.None))
                .ConfigureAwait(false);
            return result is AppendResult.Appended
                ? answer.Job!
                : throw new EngineUnavailableException(
                    "store-conflict", $"Job {job} changed while it was being trimmed.");
        }
        finally
        {
            pump.Tell(new CoreInput.Release(job));
        }
    }
}
