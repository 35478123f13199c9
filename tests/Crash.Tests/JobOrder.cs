using System.Collections.Immutable;
using System.Globalization;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;

namespace Elasticity.Crash.Tests;

/// <summary>What a client will do to a job after it was accepted.</summary>
internal enum Deed
{
    /// <summary>Nothing: it is to succeed.</summary>
    None,

    /// <summary>Cancel it; it may have ended before.</summary>
    Cancel,

    /// <summary>Cancel it while one of its tasks waits for just that: it cannot end otherwise.</summary>
    CancelHeld,

    /// <summary>Pause it for a while.</summary>
    Pause,

    /// <summary>Nothing, but some of its tasks fail as often as they may.</summary>
    LetFail,

    /// <summary>The same, and redrive it when it has failed: then its tasks succeed.</summary>
    Redrive,
}

/// <summary>A job as a client orders it: everything in it is drawn from a seed.</summary>
internal sealed class JobOrder
{
    public const int TaskCount = 20;

    /// <summary>How often a task that fails is tried.</summary>
    public const int AttemptsMax = 3;

    private const int AttemptsOfOthersMax = 20;
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LeaseLength = TimeSpan.FromSeconds(3);

    // Some of the jobs are left alone, so that the load is mostly work that is to succeed.
    private static readonly Deed[] Deeds =
        [Deed.None, Deed.None, Deed.Cancel, Deed.CancelHeld, Deed.Pause, Deed.LetFail, Deed.Redrive];

    // What the clients do first, so that each of these is in every run: two of them cannot come too late.
    private static readonly Deed[] FirstDeeds = [Deed.CancelHeld, Deed.Redrive, Deed.LetFail, Deed.Pause];

    private readonly bool _isLong;

    /// <summary>Draws an order.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="client">Who orders.</param>
    /// <param name="number">Which of the client's jobs it is.</param>
    public JobOrder(int seed, int client, int number)
    {
        Random random = new(unchecked((seed * 31) + (client * 1_000_003) + number));
        _isLong = number % 3 == 0;
        Id = new JobId(string.Create(CultureInfo.InvariantCulture, $"job-{client}-{number}"));
        Deed drawn = Deeds[random.Next(Deeds.Length)];
        Deed = number == 0 ? FirstDeeds[client % FirstDeeds.Length] : drawn;
        After = TimeSpan.FromMilliseconds(random.Next(400));
        For = TimeSpan.FromMilliseconds(random.Next(50, 600));
        int shape = random.Next(4);
        DependsOn = [.. Enumerable.Range(0, TaskCount).Select(i => Dependencies(shape, i, random))];
        Failing = Deed is Deed.LetFail or Deed.Redrive
            ? [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(TaskCount))]
            : [];
    }

    public JobId Id { get; }

    public Deed Deed { get; }

    /// <summary>How long after the acceptance.</summary>
    public TimeSpan After { get; }

    /// <summary>How long it is paused.</summary>
    public TimeSpan For { get; }

    /// <summary>For each task, those it depends on.</summary>
    public ImmutableArray<ImmutableArray<int>> DependsOn { get; }

    /// <summary>The tasks that fail in their first run, unless they are skipped.</summary>
    public ImmutableHashSet<int> Failing { get; }

    public JobHeader Header => new(
        Id.Value,
        new JobPolicy
        {
            LeaseLength = LeaseLength,
            Retry = new RetryPolicy { AttemptsMax = AttemptsOfOthersMax, First = FirstBackoff },
        },
        ImmutableSortedDictionary<string, string>.Empty);

    public TaskSpec[] Tasks =>
    [
        .. Enumerable.Range(0, TaskCount).Select(i => new TaskSpec
        {
            Kind = Load.Kind,
            Payload = Payload.FromJson(JsonOf(i)),
            DependsOn = DependsOn[i],
            Retry = Failing.Contains(i) ? new RetryPolicy { AttemptsMax = AttemptsMax, First = FirstBackoff } : null,
        }),
    ];

    /// <summary>Whether a task goes on until it is asked to stop.</summary>
    public bool IsHeld(int index) => Deed == Deed.CancelHeld && index == TaskCount - 1;

    /// <summary>Whether a task is skipped in the first run: what it depends on fails, or is skipped.</summary>
    public bool IsSkipped(int index) => DependsOn[index].Any(d => Failing.Contains(d) || IsSkipped(d));

    private static ImmutableArray<int> Dependencies(int shape, int index, Random random) => shape switch
    {
        0 => [],
        1 => index % 5 == 0 ? [] : [index - 1], // Chains of five.
        2 => index == 0 ? [] : index < TaskCount - 1 ? [0] : [.. Enumerable.Range(1, TaskCount - 2)], // Out and in.
        _ => index > 0 && random.Next(2) == 0 ? [random.Next(index)] : [],
    };

    // One in each third job outlives a heartbeat: only a lease that was confirmed expires, others count as lost.
    private int Milliseconds(int index) => index != TaskCount / 2 ? index % 5 * 10 : _isLong ? 2_500 : 200;

    private string JsonOf(int index) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"job\":\"{Id}\",\"index\":{index},\"milliseconds\":{Milliseconds(index)},"
            + $"\"failsInRun\":{(Failing.Contains(index) ? 1 : 0)},\"isHeld\":{(IsHeld(index) ? "true" : "false")}}}");
}
