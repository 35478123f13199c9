using Elasticity.Engine;
using Elasticity.Engine.Embedded;
using Elasticity.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Elasticity.Server;

/// <summary>
/// Opens the store, runs the engine on it, and closes both. The server listens meanwhile, so that health checks are
/// answered; what needs the engine is refused with the code that says why.
/// </summary>
internal sealed partial class HostedEngine : IHostedService, IElasticity, IAsyncDisposable
{
    private static readonly TimeSpan OpenAgainAfter = TimeSpan.FromSeconds(2);

    private readonly Func<CancellationToken, Task<IEventStore>> _open;
    private readonly bool _isRemote;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();

    private volatile EngineUnavailableException _absence = new("engine-starting", "The engine reads its log.");
    private volatile EmbeddedEngine? _engine;
    private IEventStore? _store;
    private Task _life = Task.CompletedTask;
    private bool _isStopped;

    /// <summary>Makes it; nothing is opened yet.</summary>
    /// <param name="open">Opens the store.</param>
    /// <param name="isRemote">The store is another machine's, which may come later: wait for it. A directory that
    /// cannot be used now is a mistake of whoever started the server.</param>
    /// <param name="options">How the engine runs.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="loggers">Where it logs.</param>
    public HostedEngine(
        Func<CancellationToken, Task<IEventStore>> open,
        bool isRemote,
        EngineOptions options,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        _open = open;
        _isRemote = isRemote;
        _options = options;
        _time = time;
        _loggers = loggers;
        _logger = loggers.CreateLogger("Elasticity.Server");
    }

    private EmbeddedEngine Current =>
        _engine ?? throw new EngineUnavailableException(_absence.Code, _absence.Message, _absence.InnerException);

    /// <summary>Opens the store, so that a server which cannot work does not start; everything else goes on in the
    /// background.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _store = await _open(cancellationToken);
        }
        catch (EventStoreException exception) when (exception.IsTransient && _isRemote)
        {
            Say(exception);
        }

        _life = LiveAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        _absence = new EngineUnavailableException("engine-stopping", "The server stops.");
        await _stop.CancelAsync();
        await _life;
        if (_engine is { } engine)
        {
            await engine.DisposeAsync();
        }

        if (_store is { } store)
        {
            await store.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _stop.Dispose();
    }

    public EngineStatus GetStatus() => _engine?.GetStatus() ?? new EngineStatus(
        _isStopped ? "stopped" : "starting",
        IsReady: false,
        _absence.Message,
        _absence.Code,
        TimeSpan.Zero,
        OpenJobs: 0,
        LeasedTasks: 0,
        QueuedTasks: 0,
        Agents: 0,
        Appends: 0,
        Events: 0,
        Granted: 0,
        Settled: 0,
        Refused: 0,
        TakenBack: 0);

    private async Task LiveAsync()
    {
        try
        {
            await OpenUntilItWorksAsync();
            _engine = await EmbeddedEngine.StartAsync(_store!, _options, _time, _loggers, _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped before it served.
        }
#pragma warning disable CA1031 // A server without an engine must say so, not die where nobody looks.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _absence = new EngineUnavailableException("engine-failed", "The engine could not be started.", exception);
            ServerLog.EngineNotStarted(_logger, exception);
        }
    }

    private async Task OpenUntilItWorksAsync()
    {
        while (_store is null)
        {
            await Task.Delay(OpenAgainAfter, _time, _stop.Token);
            try
            {
                _store = await _open(_stop.Token);
            }
            catch (EventStoreException exception)
            {
                Say(exception);
            }
        }
    }

    private void Say(EventStoreException exception)
    {
        _absence = new EngineUnavailableException(exception);
        ServerLog.StoreNotOpened(_logger, exception.Message, OpenAgainAfter.TotalSeconds);
    }
}
