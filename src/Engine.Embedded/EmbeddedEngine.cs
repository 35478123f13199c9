using Elasticity.EventStore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Elasticity.Engine.Embedded;

/// <summary>
/// Elasticity in one process, on any <see cref="IEventStore"/>. When the store fails it stops serving, says why, and
/// recovers from the log when the store is back. On a store that several processes can reach it stands by until it owns
/// the store.
/// </summary>
public sealed partial class EmbeddedEngine : IElasticity, IAsyncDisposable
{
    /// <summary>The same reason for not serving is logged so often, however often it is tried.</summary>
    private static readonly TimeSpan SayAgainAfter = TimeSpan.FromMinutes(1);

    private readonly IEventStore _store;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Loader _loader;
    private readonly StoreInspection _inspection;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstVerdict = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile Pump? _pump;
    private volatile EngineUnavailableException _absence = new("engine-starting", "The engine reads its log.");
    private volatile string _state = "starting";
    private Task _life = Task.CompletedTask;
    private TimeSpan _delay;
    private string? _said; // why it does not serve, as it was logged last
    private long _saidAt;
    private bool _hasServed;

    private EmbeddedEngine(IEventStore store, EngineOptions options, TimeProvider time, ILogger log)
    {
        _store = store;
        _options = options;
        _time = time;
        _log = log;
        _loader = new Loader(store);
        _inspection = new StoreInspection(
            store, GlanceAsync, time);
    }

    /// <summary>Starts an engine.</summary>
    /// <param name="store">Where everything is durable. The caller disposes of it after the engine.</param>
    /// <param name="options">How it runs; null means the defaults.</param>
    /// <param name="time">The clocks; null means the system's.</param>
    /// <param name="loggers">Where it logs; null means nowhere.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The engine, as soon as it serves, stands by, or failed for the first time and tries again: see
    /// <see cref="GetStatus"/>.</returns>
    public static async Task<EmbeddedEngine> StartAsync(
        IEventStore store,
        EngineOptions? options = null,
        TimeProvider? time = null,
        ILoggerFactory? loggers = null,
        CancellationToken cancellationToken = default)
    {
        EmbeddedEngine engine = new(
            store,
            options ?? new EngineOptions(),
            time ?? TimeProvider.System,
            (loggers ?? NullLoggerFactory.Instance).CreateLogger("Elasticity.Engine"));
        engine._life = Task.Run(engine.LiveAsync, CancellationToken.None);
        try
        {
            await engine._firstVerdict.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return engine;
        }
        catch
        {
            await engine.DisposeAsync().ConfigureAwait(false); // Nobody else can: it would go on with the store.
            throw;
        }
    }

    /// <summary>Stops: what was decided is made durable and answered, everything else is refused with
    /// <c>engine-stopping</c>.</summary>
    /// <returns>When it has stopped. The store stays open.</returns>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        _absence = new EngineUnavailableException("engine-stopping", "The engine stops.");
        if (_pump is { } pump)
        {
            await pump.StopAsync().ConfigureAwait(false);
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _life.ConfigureAwait(false);
        _stop.Dispose();
    }

    private Pump Serving =>
        _pump ?? throw new EngineUnavailableException(_absence.Code, _absence.Message, _absence.InnerException);

    /// <summary>One life of the core after the other, until the engine is stopped.</summary>
    private async Task LiveAsync()
    {
        _delay = _options.RecoveryDelayFirst;
        Guid lastBatch = Guid.Empty;
        while (!_stop.IsCancellationRequested)
        {
            Exception? failure;
            Pump pump = new(_store, _options, _time, _log);
            try
            {
                await OwnAsync(pump).ConfigureAwait(false);
                failure = await LiveOnceAsync(pump, lastBatch).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                failure = null;
            }
#pragma warning disable CA1031 // a store that cannot be read yet is tried again until the engine is stopped
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = e;
            }

            lastBatch = pump.LastBatch == Guid.Empty ? lastBatch : pump.LastBatch;
            pump.Dispose();
            if (failure is null)
            {
                break; // Stopped.
            }

            await PauseAsync(failure, _delay).ConfigureAwait(false);
            _delay = _delay * 2 < _options.RecoveryDelayMax ? _delay * 2 : _options.RecoveryDelayMax;
        }

        _state = "stopped";
        await ReleaseAsync().ConfigureAwait(false);
    }

    /// <summary>One life, from owning the store on. The ownership is renewed while the log is read, too: reading may
    /// take longer than a standby waits, and two that take over from each other would never serve.</summary>
    /// <returns>Why it ended; null when the engine is stopped.</returns>
    private async Task<Exception?> LiveOnceAsync(Pump pump, Guid lastBatch)
    {
        using CancellationTokenSource alive = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Task renewing = Task.WhenAll(RenewAsync(pump, alive.Token), MeasureLogLagAsync(pump, alive.Token));
        try
        {
            await ResolveAsync(lastBatch).ConfigureAwait(false);
            await StartAsync(pump, !_hasServed && _store is not IOwnedEventStore).ConfigureAwait(false);
            _hasServed = true;
            _said = null;
            _delay = _options.RecoveryDelayFirst;
            return await ServeAsync(pump).ConfigureAwait(false);
        }
        finally
        {
            await alive.CancelAsync().ConfigureAwait(false);
            await renewing.ConfigureAwait(false);
        }
    }

    private async Task StartAsync(Pump pump, bool isFormerProcessDead)
    {
        long start = _time.GetTimestamp();
        if (_store.Jobs.NeedsRebuild)
        {
            await RebuildJobListAsync(_stop.Token).ConfigureAwait(false);
        }

        await pump.StartAsync(isFormerProcessDead, _stop.Token).ConfigureAwait(false);
        Log.Serving(
            _log, pump.Core.JobCount, pump.Core.LeaseCount, pump.Core.QueuedCount, _time.GetElapsedTime(start)
                .TotalSeconds);
    }

    /// <summary>Serves until the core's life ends.</summary>
    /// <returns>Why it ended; null when the engine is stopped.</returns>
    private async Task<Exception?> ServeAsync(Pump pump)
    {
        _pump = pump;
        _state = "serving";
        _firstVerdict.TrySetResult();
        using CancellationTokenRegistration stopping = _stop.Token.Register(() =>
            pump.Fail(new EngineUnavailableException("engine-stopping", "The engine stops.")));
        Exception? failure = await pump.Ended.ConfigureAwait(false);
        _pump = null;
        return failure;
    }

    private async Task PauseAsync(Exception failure, TimeSpan delay)
    {
        string code = failure switch
        {
            EngineUnavailableException e => e.Code,
            EventStoreException e => e.Code,
            _ => "engine-failed",
        };
        _absence = new EngineUnavailableException(code, failure.Message, failure);
        _state = code == "engine-standby" ? "standby" : "recovering";
        _firstVerdict.TrySetResult();
        if (_said != failure.Message || _time.GetElapsedTime(_saidAt) >= SayAgainAfter)
        {
            (_said, _saidAt) = (failure.Message, _time.GetTimestamp());
            Log.Recovering(_log, code, failure.Message, delay.TotalSeconds);
        }

        try
        {
            await Task.Delay(delay, _time, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopped meanwhile.
        }
    }

    /// <summary>An append whose outcome is unknown is resolved before anything is read: it must not arrive
    /// later.</summary>
    private async ValueTask ResolveAsync(Guid batch)
    {
        if (batch != Guid.Empty)
        {
            await _store.WasAppendedAsync(batch, _stop.Token).ConfigureAwait(false);
        }
    }
}
