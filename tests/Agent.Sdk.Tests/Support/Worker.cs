using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Elasticity.Agent.Sdk.Tests.Support;

/// <summary>A host with one agent, as a user writes it.</summary>
internal sealed class Worker : IAsyncDisposable
{
    private readonly IHost _host;

    private Worker(IHost host) => _host = host;

    /// <summary>Completes when the host is asked to stop, for whatever reason.</summary>
    public Task Stopping
    {
        get
        {
            TaskCompletionSource stopping = new();
            _host.Services.GetRequiredService<IHostApplicationLifetime>()
                .ApplicationStopping.Register(() => stopping.TrySetResult());
            return stopping.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    public static async Task<Worker> StartAsync(
        Uri server, Action<AgentBuilder> handlers, Action<AgentOptions>? configure = null, TimeProvider? time = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        handlers(builder.Services.AddElasticityAgent(options =>
        {
            options.Server = server;
            options.AgentId = "agent";
            options.Slots = 4;
            options.HandlesSecondSignal = false;
            configure?.Invoke(options);
        }));
        Worker worker = new(builder.Build());
        await worker._host.StartAsync();
        return worker;
    }

    /// <summary>Stops as SIGTERM does.</summary>
    public Task StopAsync() => _host.StopAsync();

    /// <summary>Stops as a host does whose patience is at its end.</summary>
    public Task StopAtOnceAsync() => _host.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await StopAtOnceAsync();
        _host.Dispose();
    }
}
