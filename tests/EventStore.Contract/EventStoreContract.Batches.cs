using Xunit;

namespace Elasticity.EventStore.Contract;

public abstract partial class EventStoreContract
{
    [ContractFact]
    public async Task WasAppended_AfterAppend_IsTrue()
    {
        AppendBatch batch = Make.Batch(Make.Numbers(Id("job/a"), StreamHead.None));
        await AppendedAsync(batch);

        Assert.True(await Store.WasAppendedAsync(batch.Id, Ct));
    }

    [ContractFact]
    public async Task WasAppended_AfterReopening_StillKnowsTheLastBatch()
    {
        await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None));
        AppendBatch last = Make.Batch(Make.Numbers(Id("job/b"), StreamHead.None));
        await AppendedAsync(last);

        await ReopenAsync();

        Assert.True(await Store.WasAppendedAsync(last.Id, Ct));
    }

    [ContractFact]
    public async Task WasAppended_ForAnUnknownBatch_IsFalse()
    {
        await AppendedAsync(Make.Numbers(Id("job/a"), StreamHead.None));

        Assert.False(await Store.WasAppendedAsync(Guid.NewGuid(), Ct));
    }

    [ContractFact]
    public async Task WasAppended_AfterAConflict_IsFalseForItAndTrueForTheBatchBefore()
    {
        AppendBatch first = Make.Batch(Make.Numbers(Id("job/a"), StreamHead.None));
        AppendBatch stale = Make.Batch(Make.Numbers(Id("job/a"), StreamHead.None));
        await AppendedAsync(first);
        await ConflictAsync(stale);

        Assert.False(await Store.WasAppendedAsync(stale.Id, Ct));
        Assert.True(await Store.WasAppendedAsync(first.Id, Ct));
    }

    [ContractFact]
    public async Task WasAppended_AfterACancelledWait_SaysWhatIsInTheStore()
    {
        for (int i = 0; i < 20; i++)
        {
            StreamAppend append = Make.Numbers(Id($"job/{i}"), StreamHead.None, 10);
            AppendBatch batch = Make.Batch(append);
            await CancelledAppendAsync(batch);

            // Whatever the answer is, it stays: nothing of the batch may arrive later.
            bool wasAppended = await Store.WasAppendedAsync(batch.Id, Ct);
            await AppendedAsync(Make.Numbers(Id($"barrier/{i}"), StreamHead.None));

            Assert.Equal(wasAppended ? append.Next : StreamHead.None, await Store.ReadHeadAsync(append.Stream, Ct));
        }
    }

    [ContractFact]
    public async Task Append_AfterACancelledWait_WorksAgain()
    {
        StreamAppend first = Make.Numbers(Id("job/a"), StreamHead.None);
        AppendBatch batch = Make.Batch(first);
        await CancelledAppendAsync(batch);

        StreamHead head = await Store.WasAppendedAsync(batch.Id, Ct) ? first.Next : StreamHead.None;

        await AppendedAsync(Make.Numbers(Id("job/a"), head));
    }

    private async Task CancelledAppendAsync(AppendBatch batch)
    {
        using CancellationTokenSource impatience = new();
        Task<AppendResult> append = Store.AppendAsync(batch, impatience.Token).AsTask();
        await impatience.CancelAsync();
        try
        {
            Assert.IsType<AppendResult.Appended>(await append);
        }
        catch (OperationCanceledException)
        {
            // Either way is allowed; the question for the batch id decides.
        }
        catch (EventStoreException e)
        {
            Assert.True(e.IsOutcomeUnknown);
        }
    }
}
