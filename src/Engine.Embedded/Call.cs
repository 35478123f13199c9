using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine.Embedded.Core;

namespace Elasticity.Engine.Embedded;

/// <summary>Somebody who waits for an answer of the core.</summary>
internal abstract class Call
{
    /// <summary>What is asked; its caller is this object.</summary>
    public CoreInput Input { get; set; } = null!;

    /// <summary>When it was asked, monotonic.</summary>
    public TimeSpan AskedAt { get; set; }

    /// <summary>Gives the answer, now that it is durable.</summary>
    public abstract void Answer(object answer);

    /// <summary>Says that there will be none.</summary>
    public abstract void Fail(Exception reason);

    /// <summary>The bytes of payloads and results that the input holds in memory while it waits.</summary>
    public long Bytes => Input switch
    {
        CoreInput.ForJob job =>
            job.Commands.OfType<JobCommand.AddTasks>().Sum(a => a.Tasks.Sum(t => (long)t.Payload.Length)),
        CoreInput.Settle settle => settle.Request.Results.Sum(r => BytesOf(r.Settlement)),
        _ => 0,
    };

    // Messages of failures are cut when they are decided on, not before.
    private static long BytesOf(Settlement settlement) => settlement.ResultOrNone().Length
        + (settlement is Settlement.Failed failed ? (long)failed.Failure.Message.Length * sizeof(char) : 0);
}

/// <summary>Somebody who waits for an answer of a type.</summary>
/// <typeparam name="T">The type of the answer.</typeparam>
internal sealed class Call<T> : Call
{
    // Callers go on elsewhere: the thread that answers has the next batch to see to.
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _answer.Task;

    public override void Answer(object answer) => _answer.TrySetResult((T)answer);

    public override void Fail(Exception reason) => _answer.TrySetException(reason);
}
