using System.Collections.Concurrent;
using Elasticity.Domain;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore;
using Microsoft.Extensions.Logging;

namespace Elasticity.Engine.Embedded;

/// <summary>
/// One life of the core, from recovery until the store fails or the engine stops: a thread that steps it, and one
/// append under way. While a batch is made durable the next is decided; each answer waits for the batch that its
/// decision is in.
/// </summary>
internal sealed class Pump : IDisposable
{
    /// <summary>So many reads of one batch at once: a chunk may have a megabyte, and connections are
    /// few.</summary>
    private static readonly ParallelOptions Loading = new() { MaxDegreeOfParallelism = 16 };

    private readonly IEventStore _store;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Loader _loader;
    private readonly Inbox _inbox;
    private readonly EngineCore _core;
    private readonly long _start;
    private readonly ConcurrentDictionary<Call, byte> _calls = new();
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();

    private CoreBatch _pending = new();
    private Task _flushing = Task.CompletedTask;
    private TaskCompletionSource? _news;
    private long _flushBegan = -1; // monotonic, in ticks; -1 when no batch is under way
    private long _ownedAt; // monotonic, in ticks: when the store was asked that said last that it is owned
    private volatile Exception? _failure;
    private volatile bool _isStopping;
    private volatile bool _isFlushing;

    public Pump(IEventStore store, EngineOptions options, TimeProvider time, ILogger log)
    {
        _store = store;
        _options = options;
        _time = time;
        _log = log;
        _loader = new Loader(store);
        _inbox = new Inbox(options.InboxMax, options.InboxBytesMax);
        _start = time.GetTimestamp();
#pragma warning disable CA5394 // jitter, not a secret
        _core = new EngineCore(options.Core, store.ShardCount, Random.Shared.NextDouble);
#pragma warning restore CA5394
    }

    /// <summary>The id of the batch that was appended last: what an unknown outcome is resolved by.</summary>
    public Guid LastBatch { get; private set; }

    /// <summary>Batches and events made durable.</summary>
    public (long Appends, long Events) Durable { get; private set; }

    /// <summary>How much there is, as far as it is durable.</summary>
    public EngineGauges Gauges { get; private set; } = new(0, 0, 0, 0, null, 0, 0, 0, 0);

    public EngineCore Core => _core;

    /// <summary>Completes when it serves no longer: with the reason, or null when it was asked to stop.</summary>
    public Task<Exception?> Ended => _ended.Task;

    /// <summary>How long the oldest command has waited to be decided, or the batch under way to be durable.</summary>
    public TimeSpan Lag => Max(
        _inbox.OldestAskedAt() is { } asked ? Monotonic() - asked : TimeSpan.Zero,
        Volatile.Read(ref _flushBegan) is >= 0 and var began ? Monotonic() - new TimeSpan(began) : TimeSpan.Zero);

    /// <summary>Recovers from the log and starts serving.</summary>
    public async Task StartAsync(bool isFormerProcessDead, CancellationToken cancellationToken)
    {
        await _loader.RestoreAsync(_core, cancellationToken).ConfigureAwait(false);
        _core.Begin(Now(), isFormerProcessDead, _pending);
        Gauges = _pending.HasNoEvents ? Measure() : Gauges;
        Thread thread = new(Run) { IsBackground = true, Name = "elasticity-core" };
        thread.Start();
    }

    /// <summary>The store said that it is owned: by its clock at some time after it was asked.</summary>
    public void Owned(TimeSpan askedAt)
    {
        if (askedAt.Ticks > Volatile.Read(ref _ownedAt))
        {
            Volatile.Write(ref _ownedAt, askedAt.Ticks);
        }
    }

    /// <summary>Renews the ownership.</summary>
    /// <returns>False when somebody else owns the store.</returns>
    public async ValueTask<bool> RenewAsync(IOwnedEventStore owned, CancellationToken cancellationToken)
    {
        TimeSpan askedAt = Monotonic();
        bool isMine = await owned.RenewAsync(cancellationToken).ConfigureAwait(false);
        if (isMine)
        {
            Owned(askedAt);
        }

        return isMine;
    }

    /// <summary>Why an engine stands by again.</summary>
    public static EngineUnavailableException Succeeded() =>
        new("engine-standby", "Another server owns the database now.");

    /// <summary>Asks the core.</summary>
    /// <exception cref="EngineUnavailableException">It is full, or serves no longer.</exception>
    public async Task<T> AskAsync<T>(CoreInput input, CancellationToken cancellationToken)
    {
        Call<T> call = NewCall<T>(input);
        _calls.TryAdd(call, 0);
        try
        {
            if (!_inbox.TryPut(call))
            {
                throw new EngineUnavailableException(
                    "engine-overloaded", "Too many commands wait already: try again in a moment.");
            }

            if (_failure is { } failure)
            {
                throw Unavailable(failure);
            }

            return await call.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (input is CoreInput.Lease)
        {
            _inbox.PutAfter(new CoreInput.AbandonLease(call));
            throw;
        }
        finally
        {
            _calls.TryRemove(call, out _);
        }
    }

    /// <summary>Tells the core something that is not answered.</summary>
    public void Tell(CoreInput input) => _inbox.Put(input);

    /// <summary>Completes with the next append, or after a second.</summary>
    public async ValueTask WaitForNewsAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        news = Interlocked.CompareExchange(ref _news, news, null) ?? news;
        try
        {
            await news.Task.WaitAsync(TimeSpan.FromSeconds(1), _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Nothing new, or it came just before: the caller looks again.
        }
    }

    /// <summary>Stops: what was decided is made durable and answered, the rest is refused.</summary>
    public async Task StopAsync()
    {
        _isStopping = true;
        _inbox.Nudge();
        try
        {
            await Ended.WaitAsync(_options.StopTimeout, _time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Fail(new EngineUnavailableException(
                "engine-stopping", "The engine stops, and the store did not answer in time."));
        }
    }

    /// <summary>Ends this life of the core: everybody who waits is told.</summary>
    public void Fail(Exception reason)
    {
        if (Interlocked.CompareExchange(ref _failure, reason, null) is null)
        {
            _stop.Cancel();
            _inbox.Nudge();
            foreach (Call call in _calls.Keys)
            {
                call.Fail(Unavailable(reason));
            }
        }
    }

    public void Dispose() => _stop.Dispose();

    private static EngineUnavailableException Unavailable(Exception reason) => reason switch
    {
        EngineUnavailableException e => e,
        EventStoreException e => new EngineUnavailableException(e),
        _ => new EngineUnavailableException(
            "engine-failed", $"The engine failed and recovers: {reason.Message}", reason),
    };

    private void Run()
    {
        try
        {
            while (_failure is null && !(_isStopping && Drain()))
            {
                if (!_isStopping && !IsPendingFull)
                {
                    StepOnce();
                }

                Flush();

                // A full batch waits for the append under way, whose end nudges; everything else also for the core's
                // timers.
                _inbox.Wait(_isStopping || IsPendingFull ? _options.StandbyInterval : _core.NextWake - Monotonic());
            }
        }
#pragma warning disable CA1031 // whatever went wrong in the core ends this life of it; the log is the truth
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.CoreFailed(_log, e);
            Fail(e);
        }

        Fail(_failure ?? new EngineUnavailableException("engine-stopping", "The engine stops."));
        _flushing.Wait(); // An append under way must end before anybody asks what became of it. It never throws.
        _ended.TrySetResult(_failure is EngineUnavailableException { Code: "engine-stopping" } ? null : _failure);
    }

    private bool IsPendingFull =>
        _pending.EventCount >= _options.BatchEventsMax || _pending.ByteCount >= _options.BatchBytesMax;

    private void StepOnce()
    {
        List<CoreInput> inputs = _inbox.TakeAll();
        _core.Step(Now(), inputs, _pending);
    }

    /// <summary>Hands the pending batch over as soon as the one before it is durable.</summary>
    private void Flush()
    {
        // A failed append sets the failure before it says that it has ended: what was decided on top of it is void,
        // also an answer that needs no append.
        if (!_isFlushing && _failure is null && !_pending.IsEmpty)
        {
            _isFlushing = true;
            CoreBatch batch = _pending;
            _pending = new CoreBatch();
            _flushing = FlushAsync(batch, Measure());
        }
    }

    private async Task FlushAsync(CoreBatch batch, EngineGauges gauges)
    {
        Volatile.Write(ref _flushBegan, Monotonic().Ticks); // One without events may wait for the store, too.
        try
        {
            if (batch.HasNoEvents)
            {
                await ConfirmOwnershipAsync().ConfigureAwait(false);
            }
            else
            {
                await AppendAsync(batch).ConfigureAwait(false);
            }

            Gauges = gauges;
            foreach ((object caller, object answer) in batch.Answers)
            {
                ((Call)caller).Answer(answer);
            }

            if (batch.Loads.Count > 0)
            {
                _ = Parallel.ForEachAsync(
                    batch.Loads, Loading, async (load, _) => await LoadAsync(load).ConfigureAwait(false));
            }
        }
#pragma warning disable CA1031 // any failure of the store ends this life of the core
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(e);
        }
        finally
        {
            Volatile.Write(ref _flushBegan, -1);
            _isFlushing = false; // Before the nudge: the task itself completes only after it.
            _inbox.Nudge();
        }
    }

    private async ValueTask AppendAsync(CoreBatch batch)
    {
        LastBatch = Guid.CreateVersion7();
        TimeSpan askedAt = Monotonic();
        AppendResult result = await _store.AppendAsync(batch.ToAppend(LastBatch), _stop.Token).ConfigureAwait(false);
        switch (result)
        {
            case AppendResult.Appended:
                Owned(askedAt);
                Durable = (Durable.Appends + 1, Durable.Events + batch.EventCount);
                Interlocked.Exchange(ref _news, null)?.TrySetResult();
                break;
            case AppendResult.Conflict conflict:
                throw new EngineUnavailableException(
                    "store-conflict",
                    $"Somebody else wrote to {conflict.Stream}: the engine recovers from the log.");
            case AppendResult.Fenced fenced:
                throw new EngineUnavailableException(
                    "engine-standby", $"Another server owns the database now: {fenced.Owner}.");
            default:
                throw new System.Diagnostics.UnreachableException($"Unknown append result {result.GetType().Name}.");
        }
    }

    /// <summary>
    /// Answers that change nothing tell what this engine believes. One that stood still for a while may have been
    /// succeeded, and then believes what is no longer so: it asks before it answers.
    /// </summary>
    private async ValueTask ConfirmOwnershipAsync()
    {
        if (_store is IOwnedEventStore owned
            && Monotonic() - new TimeSpan(Volatile.Read(ref _ownedAt)) > owned.OwnershipTimeout / 2
            && !await RenewAsync(owned, _stop.Token).ConfigureAwait(false))
        {
            throw Succeeded();
        }
    }

    private async Task LoadAsync(CoreLoad load)
    {
        try
        {
            _inbox.Put(await _loader.LoadAsync(load, _stop.Token).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // as for an append: what cannot be read cannot be decided
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(e);
        }
    }

    private EngineGauges Measure() => new(
        _core.JobCount,
        _core.LeaseCount,
        _core.QueuedCount,
        _core.AgentCount,
        _core.ShortestLease,
        _core.Counters.Granted,
        _core.Counters.Settled,
        _core.Counters.Refused,
        _core.Counters.TakenBack);

    /// <summary>Whether nothing is left to be made durable.</summary>
    private bool Drain()
    {
        Flush();
        return !_isFlushing && _pending.IsEmpty;
    }

    private Call<T> NewCall<T>(CoreInput input)
    {
        Call<T> call = new() { AskedAt = Monotonic() };
        call.Input = input with { Caller = call };
        return call;
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private Instant Now() => new(_time.GetUtcNow(), Monotonic());

    /// <summary>Time since this life began.</summary>
    public TimeSpan Monotonic() => _time.GetElapsedTime(_start);
}

/// <summary>How much there is.</summary>
/// <param name="Jobs">Unended jobs.</param>
/// <param name="Leases">Live leases.</param>
/// <param name="Queued">Ready and delayed tasks.</param>
/// <param name="Agents">Live agents.</param>
/// <param name="ShortestLease">The shortest lease seen; null before the first.</param>
/// <param name="Granted">Leases given.</param>
/// <param name="Settled">Results recorded.</param>
/// <param name="Refused">Results refused.</param>
/// <param name="TakenBack">Leases taken back.</param>
internal sealed record EngineGauges(
    int Jobs,
    int Leases,
    int Queued,
    int Agents,
    TimeSpan? ShortestLease,
    long Granted,
    long Settled,
    long Refused,
    long TakenBack);
