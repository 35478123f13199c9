using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine.Embedded;

/// <summary>The derived list of jobs, made anew from the jobs' streams and the tombstones of trimmed jobs.</summary>
public sealed partial class EmbeddedEngine
{
    private async Task RebuildJobListAsync(CancellationToken cancellationToken)
    {
        const int PageLength = 500;
        Log.Rebuilding(_log);
        await _store.Jobs.ClearAsync(cancellationToken).ConfigureAwait(false);
        int count = 0;
        foreach (string prefix in (string[])[StreamNames.JobPrefix, StreamNames.TrimmedPrefix])
        {
            StreamId? after = null;
            IReadOnlyList<StreamInfo> page;
            do
            {
                page = await _store.ListStreamsAsync(prefix, after, PageLength, cancellationToken)
                    .ConfigureAwait(false);
                ImmutableArray<JobRow> rows = await RowsAsync(page, prefix, cancellationToken).ConfigureAwait(false);
                bool isLast = page.Count < PageLength && prefix == StreamNames.TrimmedPrefix;
                await _store.Jobs.WriteAsync(rows, isLast, cancellationToken).ConfigureAwait(false);
                count += page.Count;
                after = page.Count > 0 ? page[^1].Stream : after;
            }
            while (page.Count == PageLength);
        }

        Log.Rebuilt(_log, count);
    }

    private async ValueTask<ImmutableArray<JobRow>> RowsAsync(
        IReadOnlyList<StreamInfo> streams, string prefix, CancellationToken cancellationToken)
    {
        ImmutableArray<JobRow>.Builder rows = ImmutableArray.CreateBuilder<JobRow>(streams.Count);
        IReadOnlyList<JobState> states =
            await _loader.States.JobsAsync(streams, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < streams.Count; i++)
        {
            rows.Add(JobRows.Of(new JobId(streams[i].Stream.Value[prefix.Length..]), states[i]));
        }

        return rows.MoveToImmutable();
    }
}
