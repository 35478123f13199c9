using System.Runtime.InteropServices;
using Elasticity.Agent.Sdk.Core;
using Elasticity.Agent.Sdk.Handlers;
using Elasticity.Agent.Sdk.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Elasticity.Agent.Sdk.Hosting;

/// <summary>Runs an agent for as long as its host runs.</summary>
internal sealed class AgentService : BackgroundService
{
    private readonly AgentOptions _options;
    private readonly AgentPump _pump;
    private readonly ILogger _logger;

    public AgentService(
        IServiceProvider services,
        HandlerTable handlers,
        Func<IServiceProvider, AgentOptions, IAgentCalls> calls)
    {
        _options = services.GetRequiredService<IOptionsMonitor<AgentOptions>>().Get(handlers.Name);
        _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Elasticity.Agent");
        HandlerHost host = new(
            _options.AgentId,
            handlers,
            services.GetRequiredService<IServiceScopeFactory>(),
            _options.Json,
            _logger);
#pragma warning disable CA5394 // jitter, not a secret
        AgentCore core = new(
            CoreOptions(_options, handlers.Kinds), Random.Shared.NextDouble, static () => Guid.NewGuid().ToString("N"));
#pragma warning restore CA5394
        TimeProvider time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        _pump = new AgentPump(core, calls(services, _options), host, _options, time);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        List<PosixSignalRegistration> signals = [];
        if (_options.HandlesSecondSignal)
        {
            // The first signal has been used up: it is why this runs.
            signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, GiveUp));
            signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, GiveUp));
        }

        _pump.Post(new AgentInput.Drain());
        using (cancellationToken.UnsafeRegister(static pump => ((AgentPump)pump!).Post(new AgentInput.GiveUp()), _pump))
        {
            // The agent ends within the time-outs it has, so there is no need to leave it behind.
            await base.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }

        signals.ForEach(s => s.Dispose());
    }

    public override void Dispose()
    {
        _pump.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        AgentEnd end = await _pump.RunAsync().ConfigureAwait(false);
        if (end.IsClean)
        {
            AgentLog.Ended(_logger, _options.AgentId);
            return;
        }

        string advice = end.Code switch
        {
            "agent-superseded" => $"Another process registered as '{_options.AgentId}' and took over. Give each "
                + $"process its own {nameof(AgentOptions)}.{nameof(AgentOptions.AgentId)}. ({end.Detail})",
            "unauthorized" or "forbidden" =>
                $"{end.Detail} Check {nameof(AgentOptions)}.{nameof(AgentOptions.ApiKey)}.",
            _ => end.Detail,
        };
        AgentLog.Broke(_logger, _options.AgentId, advice);
        throw new AgentStoppedException(end.Code, advice);
    }

    private void GiveUp(PosixSignalContext context)
    {
        context.Cancel = true; // The process ends by itself, as soon as everything is given back.
        AgentLog.GivesUp(_logger);
        _pump.Post(new AgentInput.GiveUp());
    }

    private static AgentCoreOptions CoreOptions(AgentOptions options, IReadOnlyList<string> kinds) => new()
    {
        Kinds = kinds,
        Labels = options.Labels.Count == 0 ? null : options.Labels.AsReadOnly(),
        Slots = options.Slots,
        PrefetchMax = options.PrefetchMax,
        CallsMax = options.CallsMax,
        LongPoll = options.LongPoll,
        CallTimeout = options.CallTimeout,
        BackoffFirst = options.BackoffFirst,
        BackoffMax = options.BackoffMax,
        ProgressInterval = options.ProgressInterval,
        StopsWhenUnconfirmed = options.StopsWhenUnconfirmed,
        DrainTimeout = options.DrainTimeout,
        CancelGrace = options.CancelGrace,
        CloseTimeout = options.CloseTimeout,
    };
}
