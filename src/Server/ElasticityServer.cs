using Elasticity.Api;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Elasticity.Server;

/// <summary>A whole server in this process: store, engine, HTTP.</summary>
public sealed class ElasticityServer : IAsyncDisposable
{
    /// <summary>Longer than the longest poll, so that a connection is not closed between two of them.</summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(130);

    private readonly WebApplication _app;

    private ElasticityServer(WebApplication app) => _app = app;

    /// <summary>Where it listens; with the port that was found when 0 was asked for.</summary>
    public IReadOnlyList<string> Addresses => [.. _app.Urls];

    /// <summary>The engine, for code in the same process.</summary>
    public IElasticity Engine => _app.Services.GetRequiredService<IElasticity>();

    /// <summary>Starts a server. It listens when this returns; the engine may still be reading its log, or standing
    /// by.</summary>
    /// <param name="options">How it runs.</param>
    /// <param name="configure">Changes the host before it is built: logging, for example. Null changes nothing.</param>
    /// <param name="cancellationToken">Stops starting.</param>
    /// <returns>The server.</returns>
    /// <exception cref="ServerStartException">It cannot run as it is configured.</exception>
    public static async Task<ElasticityServer> StartAsync(
        ServerOptions options,
        Action<WebApplicationBuilder>? configure = null,
        CancellationToken cancellationToken = default)
    {
        ListenAddress address = ListenAddress.Of(options);
        WebApplication? app = null;
        try
        {
            app = Build(options, address, configure);
            await app.StartAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            await (app?.DisposeAsync() ?? ValueTask.CompletedTask);
            if (Explain(exception, address) is { } explained)
            {
                throw explained;
            }

            throw;
        }

        ElasticityServer server = new(app);
        foreach (string url in server.Addresses)
        {
            ServerLog.Listening(LoggerOf(app.Services), url);
        }

        return server;
    }

    /// <summary>Runs a server until it is told to stop: by Ctrl+C, SIGTERM, or the token.</summary>
    /// <param name="options">How it runs.</param>
    /// <param name="configure">Changes the host before it is built. Null changes nothing.</param>
    /// <param name="cancellationToken">Stops the server.</param>
    /// <returns>When it has stopped.</returns>
    /// <exception cref="ServerStartException">It cannot run as it is configured.</exception>
    public static async Task RunAsync(
        ServerOptions options,
        Action<WebApplicationBuilder>? configure = null,
        CancellationToken cancellationToken = default)
    {
        await using ElasticityServer server = await StartAsync(options, configure, cancellationToken);
        await server._app.WaitForShutdownAsync(cancellationToken);
    }

    /// <summary>Stops: long polls and event streams end, requests under way are answered, what was decided is made
    /// durable, the store is closed.</summary>
    /// <param name="cancellationToken">Cuts requests off.</param>
    /// <returns>When it has stopped.</returns>
    public Task StopAsync(CancellationToken cancellationToken = default) => _app.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static ServerStartException? Explain(Exception exception, ListenAddress address) => exception switch
    {
        EventStoreException e => new ServerStartException(e.Code, e.Message, e),
        IOException e => new ServerStartException(
            "listen-failed", $"The server cannot listen on {address}: {e.Message}", e),
        ArgumentException e => new ServerStartException("options-invalid", e.Message, e),
        _ => null,
    };

    private static WebApplication Build(
        ServerOptions options, ListenAddress address, Action<WebApplicationBuilder>? configure)
    {
        // Empty: no configuration file and no environment variable opens a second address behind the check below.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging
            .AddSimpleConsole(c => c.SingleLine = true)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("System", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // Whoever starts it is told, and says it.
        builder.Services.Configure<HostOptions>(h => h.ShutdownTimeout = options.StopTimeout);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrel(kestrel => Tune(kestrel, options, address));

        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(s => new HostedEngine(
            cancellationToken => ServerStore.OpenAsync(options, cancellationToken),
            isRemote: options.PostgreSql is not null,
            options.EffectiveEngine,
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddSingleton<IElasticity>(s => s.GetRequiredService<HostedEngine>());
        builder.Services.AddHostedService(s => s.GetRequiredService<HostedEngine>());
        configure?.Invoke(builder);

        builder.Services.AddElasticityApi(s => options.Api with
        {
            Keys = Check(options.Api.Keys ?? KeysOf(options, s), address, LoggerOf(s)),
        });

        WebApplication app = builder.Build();
        app.UseRouting();
        app.MapElasticityApi();
        app.MapElasticityWeb();
        return app;
    }

    private static void Tune(KestrelServerOptions kestrel, ServerOptions options, ListenAddress address)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.ConnectionsMax;
        kestrel.Limits.MaxRequestBodySize = options.Api.BodyBytesMax;
        kestrel.Limits.KeepAliveTimeout = IdleTimeout;
        address.Apply(kestrel);
    }

    private static ApiKeyFile KeysOf(ServerOptions options, IServiceProvider services)
    {
        try
        {
            return ApiKeyFile.Follow(
                options.EffectiveKeysFile, services.GetRequiredService<TimeProvider>(), LoggerOf(services));
        }
        catch (InvalidDataException exception)
        {
            throw new ServerStartException("keys-unreadable", exception.Message, exception);
        }
    }

    private static IApiKeys Check(IApiKeys keys, ListenAddress address, ILogger logger)
    {
        bool isOpen = keys.IsOpen;
        if (isOpen && !address.IsLoopback)
        {
            throw new ServerStartException(
                "listen-refused",
                $"Anybody could reach {address} and do everything: make API keys first, "
                    + "or listen on 127.0.0.1 only.");
        }

        if (isOpen)
        {
            ServerLog.LocalOnly(logger);
        }
        else if (address is { IsLoopback: false, IsEncrypted: false })
        {
            ServerLog.KeysInTheClear(logger);
        }

        return keys;
    }

    private static ILogger LoggerOf(IServiceProvider services) =>
        services.GetRequiredService<ILoggerFactory>().CreateLogger("Elasticity.Server");
}
