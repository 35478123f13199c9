using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Elasticity.Silo;

/// <summary>
/// The order of a stop. First the silo says that it goes and still serves, until load balancers have noticed; then it
/// takes no new connection and answers what is under way; then it leaves the cluster. Each part has its share of the
/// time, so that a request that never ends does not keep the silo from leaving in order.
/// </summary>
/// <param name="options">How long.</param>
/// <param name="time">The clock.</param>
/// <param name="membership">Whether there is anything to leave.</param>
/// <param name="logger">Hears of each part.</param>
internal sealed class SiloDrain(
    SiloOptions options, TimeProvider time, ISiloStatusOracle membership, ILogger<SiloDrain> logger)
    : IHostedLifecycleService, IAsyncDisposable
{
    private readonly ConcurrentDictionary<HttpContext, byte> _underWay = new();
    private ITimer? _cut;
    private bool _isMember;

    /// <summary>Knows of a request as long as it is under way.</summary>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        _underWay.TryAdd(http, 0);
        try
        {
            await next(http);
        }
        finally
        {
            _underWay.TryRemove(http, out _);
        }
    }

    /// <summary>Before anything is stopped.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _isMember = membership.CurrentStatus == SiloStatus.Active;
        SiloLog.Draining(logger, options.DrainDelay.TotalSeconds);
        await Task.Delay(options.DrainDelay, time, cancellationToken);

        // The web server stops first from here on, and waits for its requests; the silo stops after it.
        TimeSpan left = options.StopTimeout - options.DrainDelay - options.LeaveTime;
        _cut = time.CreateTimer(_ => CutOff(), null, left, Timeout.InfiniteTimeSpan);
    }

    /// <summary>After everything has stopped.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (_isMember)
        {
            SiloLog.Left(logger);
        }
        else
        {
            SiloLog.NeverJoined(logger);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_cut is not null)
        {
            await _cut.DisposeAsync();
        }
    }

    private void CutOff()
    {
        HttpContext[] late = [.. _underWay.Keys];
        if (late.Length > 0)
        {
            SiloLog.CutOff(logger, late.Length);
        }

        foreach (HttpContext http in late)
        {
            http.Abort();
        }
    }
}
