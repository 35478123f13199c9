using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Grains.Tests.Support;

/// <summary>The death of a silo in the middle of an append: before the store has it, or just after, before the
/// answer.</summary>
/// <remarks>Of one that a client asked for, and not of one that leases tasks or takes leases back: what was just handed
/// out is not offered again at once, and a lease that is minded anew lasts longer; a scenario would see that. The shows
/// with real silos do that.</remarks>
/// <param name="killAsync">Kills a silo, and starts another.</param>
/// <param name="isAfter">After the store has it.</param>
internal sealed class SiloDeath(Func<SiloAddress, Task> killAsync, bool isAfter)
{
    /// <summary>How the names of scenarios begin in which the silo dies always before the store has it, because they
    /// see a death after it. The append is there and its front has died, so that only a sweep tells what follows from
    /// it; and for ten seconds sweeps offer nothing again that a queue has handed out or was told to give up.</summary>
    private static readonly string[] BeforeOnly =
    [
        // It counts what is ready. A job that was not told that a task has ended has it offered again; a queue that is
        // new finds out when it hands it out.
        "Pause_GivesNoNewLeasesAndRunningOnesGoOn",
    ];

    /// <summary>Where a call says which it is, so that the one that meets the death is known.</summary>
    private const string CallKey = "elasticity.test-call";

    /// <summary>The runtime of a silo that is killed waits for what it writes: so long nothing comes back.</summary>
    private static readonly TimeSpan LastBreath = TimeSpan.FromMilliseconds(200);

    private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SiloAddress? _dead;
    private object? _call;
    private int _begun;

    /// <summary>Whether it has happened, or happens.</summary>
    public bool IsBegun => Volatile.Read(ref _begun) == 1;

    /// <summary>Completes when another silo has started.</summary>
    public Task Over => _over.Task;

    /// <summary>Draws by its name when a silo dies in a scenario: in about half of them after the store has
    /// it.</summary>
    /// <param name="scenario">The name of the scenario.</param>
    /// <param name="isTurned">In the other half.</param>
    public static bool IsAfterIn(string scenario, bool isTurned) =>
        !Array.Exists(BeforeOnly, b => scenario.StartsWith(b, StringComparison.Ordinal))
        && (scenario.Sum(c => c) % 2 == 1) != isTurned;

    /// <summary>Makes a call, and makes it again when the death is over that it met.</summary>
    /// <param name="call">The call.</param>
    /// <param name="again">The same; repeated while it cannot be made.</param>
    public async Task<T> CallAsync<T>(Func<Task<T>> call, Func<Task<T>> again)
    {
        string id = Guid.NewGuid().ToString("N");
        RequestContext.Set(CallKey, id);
        Task<T> first = call();
        RequestContext.Remove(CallKey);
        if (await Task.WhenAny(first, _met.Task) == first || !Equals(_call, id))
        {
            try
            {
                return await first;
            }
            catch (EngineUnavailableException) when (IsBegun)
            {
                // It met the same silo.
            }
        }

        first.Ignore();
        await Over;
        return await again();
    }

    /// <summary>What a silo appends.</summary>
    public async ValueTask<AppendResult> AppendAsync(
        SiloAddress silo, AppendBatch batch, Func<ValueTask<AppendResult>> appendAsync)
    {
        object? call = RequestContext.Get(CallKey);
        bool isLease = batch.Streams.Any(s => s.Events.Any(e => e.Type == "task-leased-1"));
        if (call is null || isLease || Interlocked.Exchange(ref _begun, 1) == 1)
        {
            return silo.Equals(Volatile.Read(ref _dead)) ? throw Dead() : await appendAsync();
        }

        Volatile.Write(ref _dead, silo);
        _call = call;
        if (isAfter)
        {
            await appendAsync(); // Whatever the store says: nobody hears of it.
        }

        _met.SetResult();
        _ = Task.Run(() => EndAsync(silo));
        await Task.Delay(LastBreath);
        throw Dead();
    }

    // No failure of the store: for that, the front of a dead silo would ask somebody who lives.
    private static OperationCanceledException Dead() => new("The silo is dead.");

    private async Task EndAsync(SiloAddress silo)
    {
        try
        {
            await killAsync(silo);
            _over.SetResult();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _over.SetException(e);
        }
    }
}
