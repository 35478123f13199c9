namespace Elasticity.EventStore.PostgreSql;

/// <summary>Appends groups, and finds out what became of one whose connection broke.</summary>
internal sealed class Appender
{
    private readonly WriterSession _session;

    public Appender(WriterSession session) => _session = session;

    /// <summary>Appends a group and tells everybody who waits for it.</summary>
    public async Task AppendAsync(IReadOnlyList<AppendRequest> group)
    {
        for (bool isLast = false; group.Count > 0; isLast = true)
        {
            if (await _session.TryAsync(_session.ConnectAsync).ConfigureAwait(false) is { } unreachable)
            {
                FailAll(group, PostgreSqlErrors.Translate(unreachable));
                return;
            }

            Exception? trouble = await _session.TryAsync(() => WriteAsync(group)).ConfigureAwait(false);
            if (trouble is null)
            {
                return;
            }

            bool isRolledBack = PostgreSqlErrors.IsRolledBack(trouble);
            if (!isRolledBack)
            {
                group = await ResolveAsync(group, trouble).ConfigureAwait(false);
            }

            // A second time only after the database said that the first wrote nothing.
            if (isRolledBack || isLast)
            {
                await FailAsync(group, PostgreSqlErrors.Translate(trouble)).ConfigureAwait(false);
                return;
            }
        }
    }

    private async Task WriteAsync(IReadOnlyList<AppendRequest> group)
    {
        List<Refusal> refusals = await _session.AppendAsync(group).ConfigureAwait(false);
        AppendResult[] results = new AppendResult[group.Count];
        Array.Fill(results, AppendResult.Appended.Instance);
        foreach (Refusal refusal in refusals)
        {
            if (refusal.Batch == 0)
            {
                Array.Fill(results, new AppendResult.Fenced(refusal.Name));
                break;
            }

            results[refusal.Batch - 1] = new AppendResult.Conflict(new StreamId(refusal.Name), refusal.Actual);
        }

        for (int i = 0; i < results.Length; i++)
        {
            group[i].Complete(results[i]);
        }
    }

    /// <summary>Asks the database what became of a group whose connection broke, and tells those who wait.</summary>
    /// <returns>Those that were not written, and never will be by what was sent.</returns>
    private async Task<IReadOnlyList<AppendRequest>> ResolveAsync(IReadOnlyList<AppendRequest> group, Exception cause)
    {
        HashSet<Guid> found = [];
        bool isCertain = false;
        await _session.TryAsync(async () =>
            (found, isCertain) = await _session.FindAsync([.. group.Select(r => r.Batch.Id)]).ConfigureAwait(false))
            .ConfigureAwait(false);

        List<AppendRequest> missing = [];
        foreach (AppendRequest request in group)
        {
            if (found.Contains(request.Batch.Id))
            {
                request.Complete(AppendResult.Appended.Instance);
            }
            else
            {
                missing.Add(request);
            }
        }

        if (isCertain)
        {
            return missing;
        }

        FailAll(missing, PostgreSqlErrors.Translate(cause, isOutcomeUnknown: true));
        return [];
    }

    // The trouble of one batch must not be that of its neighbours: where the server is not to blame, each goes alone.
    private async Task FailAsync(IReadOnlyList<AppendRequest> group, EventStoreException failure)
    {
        if (group.Count <= 1 || failure.IsTransient)
        {
            FailAll(group, failure);
            return;
        }

        foreach (AppendRequest request in group)
        {
            await AppendAsync([request]).ConfigureAwait(false);
        }
    }

    private static void FailAll(IReadOnlyList<AppendRequest> group, EventStoreException failure)
    {
        foreach (AppendRequest request in group)
        {
            request.Fail(failure);
        }
    }
}
