using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Elasticity.Api;
using Elasticity.Client;
using Elasticity.EventStore;
using Elasticity.Grains;
using Elasticity.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace Elasticity.Silo;

/// <summary>One process: a silo, the HTTP API on it, and the dashboard.</summary>
internal static class SiloProgram
{
    private const string Category = "Elasticity.Silo";

    /// <summary>A silo that was killed is noticed within 3 s, one that froze within 5 s: three missed probes, a
    /// second silo that agrees, and the vote of each is an entry in the table.</summary>
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(0.9);

    /// <summary>A silo that was frozen, and is dead for the others, finds that out by then at the latest. What it does
    /// until then is refused where it matters, but whoever calls it loses time.</summary>
    private static readonly TimeSpan MembersRefreshInterval = TimeSpan.FromSeconds(10);

    /// <summary>A call to a silo that has just died is not always told so; after this it fails, and is made
    /// again.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AliveInterval = TimeSpan.FromSeconds(5);

    private const int MissedProbes = 3;
    private const int Votes = 2;

    /// <summary>Longer than the longest poll, so that a connection is not closed between two of them.</summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(130);

    private const int ConnectionsMax = 10_000;

    /// <summary>Runs until told to stop.</summary>
    /// <exception cref="SiloUsageException">A file that an option names cannot be used.</exception>
    public static async Task RunAsync(SiloOptions options)
    {
        using (ILoggerFactory loggers = LoggerFactory.Create(Tune))
        {
            if (options.PostgreSql is not null && !await WaitForDatabaseAsync(options, loggers.CreateLogger(Category)))
            {
                return; // Told to stop before it served.
            }
        }

        IPAddress address = await ResolveAsync(options.Address);
        SiloPorts.Check(options, address);
        await using WebApplication app = Build(options, address);
        if (!await StartAsync(app))
        {
            return; // Told to stop before it served.
        }

        SiloLog.Started(
            app.Logger, $"{address}:{options.SiloPort}", options.ClusterId, string.Join(", ", app.Urls));
        if (!IPAddress.IsLoopback(address))
        {
            SiloLog.PortsAreOpen(app.Logger, options.SiloPort, options.GatewayPort, options.Address);
        }

        try
        {
            await app.WaitForShutdownAsync();
        }
        catch (OperationCanceledException e)
        {
            throw new InvalidOperationException(
                $"The silo has not left its cluster within {nameof(options.StopTimeout)}, {options.StopTimeout}.", e);
        }
    }

    /// <summary>The host, which listens for signals later, does not run yet.</summary>
    private static async Task<bool> WaitForDatabaseAsync(SiloOptions options, ILogger logger)
    {
        using CancellationTokenSource told = new();
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        try
        {
            await SiloDatabase.WaitAsync(options, logger, told.Token);
            return true;
        }
        catch (OperationCanceledException) when (told.IsCancellationRequested)
        {
            return false;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            told.Cancel();
        }
    }

    private static async Task<bool> StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
            return true;
        }
#pragma warning disable CA1031 // Whatever keeps it from starting, whoever started it gets a sentence.
        catch (Exception e)
#pragma warning restore CA1031
        {
            bool isTold = e is OperationCanceledException && app.Lifetime.ApplicationStopping.IsCancellationRequested;
            await LeaveAsync(app);
            return isTold
                ? false
                : throw new InvalidOperationException($"The silo cannot start: {ReasonOf(e)}", e);
        }
    }

    /// <summary>That of a web server that cannot listen says where, and what is behind it does not.</summary>
    private static string ReasonOf(Exception exception) =>
        (exception is IOException ? exception : exception.GetBaseException()).Message;

    // It may have joined already: then the others need not find out by probing.
    private static async Task LeaveAsync(WebApplication app)
    {
        try
        {
            await app.StopAsync();
        }
#pragma warning disable CA1031 // What kept it from starting is what matters.
        catch (Exception e)
#pragma warning restore CA1031
        {
            SiloLog.NotLeft(app.Logger, e);
        }
    }

    private static async Task<IPAddress> ResolveAsync(string host)
    {
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return address;
        }

        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(host);
            return found.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
        }
        catch (SocketException e)
        {
            throw new InvalidOperationException($"The address {host} has no IP address: {e.Message}.", e);
        }
    }

    private static void Tune(ILoggingBuilder logging) => logging
        .AddSimpleConsole(c => c.SingleLine = true)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical) // StartAsync says it in a sentence.
        .AddFilter("Orleans", LogLevel.Warning)
        .AddFilter("Polly", LogLevel.Error) // Every retry of a placement, ten a second while a silo starts.
        .AddFilter("System", LogLevel.Warning);

    private static void Tune(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
        kestrel.Limits.MaxRequestBodySize = new ApiOptions().BodyBytesMax;
        kestrel.Limits.KeepAliveTimeout = IdleTimeout;
    }

    private static WebApplication Build(SiloOptions options, IPAddress address)
    {
        // Empty: no configuration file and no environment variable opens a second address.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ApplicationName = Category });
        Tune(builder.Logging);
        builder.Services.Configure<HostOptions>(h => h.ShutdownTimeout = options.StopTimeout);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<SiloHealth>();
        builder.Services.AddSingleton<MembersWatch>();
        builder.Services.AddSingleton<SiloDrain>();
        builder.WebHost.UseKestrel(Tune).UseUrls(options.Listen.GetLeftPart(UriPartial.Authority));
        builder.UseOrleans(silo => Configure(silo, options, address));
        builder.Services.AddHostedService(s => s.GetRequiredService<SiloHealth>());
        builder.Services.AddHostedService(s => s.GetRequiredService<MembersWatch>());
        builder.Services.AddHostedService(s => s.GetRequiredService<SiloDrain>());
        builder.AddElasticityPort();
        builder.Services.AddElasticityApi(s => new ApiOptions
        {
            Keys = KeysOf(options, s),
            Obstacle = s.GetRequiredService<SiloHealth>().Find,
            WithOwnCounts = status => s.GetRequiredService<SiloCounter>().Counts.Into(status),
            Warning = () => WarningOf(
                s.GetRequiredService<MembersWatch>().Warning, s.GetRequiredService<LogLagWatch>().Problem),
        });

        // Last, so that it stops first: while it drains, the silo still answers.
        options.Build.Agent?.AddTo(builder.Services, options);

        WebApplication app = builder.Build();
        app.Use(app.Services.GetRequiredService<SiloDrain>().InvokeAsync);
        app.UseRouting();
        app.Use(new DashboardGuard(app.Services.GetRequiredService<ApiOptions>().Keys).InvokeAsync);
        app.MapElasticityApi();
        app.MapElasticityWeb();
        if (options.Dashboard)
        {
            app.MapOrleansDashboard(DashboardGuard.Path);
        }

        return app;
    }

    private static string? WarningOf(string? members, string? log) =>
        members is null || log is null ? members ?? log : $"{members} {log}";

    private static void Configure(ISiloBuilder silo, SiloOptions options, IPAddress address)
    {
        options.EffectiveClustering.Configure(silo, options, address);
        if (options.PostgreSql is null)
        {
            silo.UseInMemoryReminderService();
        }
        else
        {
            silo.UseAdoNetReminderService(o =>
                (o.Invariant, o.ConnectionString) =
                    (ClusterSchema.Invariant, ClusterSchema.ConnectionStringOf(options)));
        }

        silo.Configure<ClusterMembershipOptions>(o =>
        {
            o.ProbeTimeout = ProbeTimeout;
            o.MaxProbeTimeout = ProbeTimeout; // Four probes long by default, which would suppress votes for that long.
            o.NumMissedProbesLimit = MissedProbes;
            o.NumVotesForDeathDeclaration = Votes;
            o.TableRefreshTimeout = MembersRefreshInterval;

            // After all silos died at once the first new one waits until the old ones look stale: three times this. And
            // it must not ask one dead silo about the other.
            o.IAmAliveTablePublishTimeout = AliveInterval;
            o.EnableIndirectProbes = false;
        });
        silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = ResponseTimeout);
        if (options.Dashboard)
        {
            silo.AddDashboard();
        }

        silo.AddElasticityGrains(
            services => options.PostgreSql is null
                ? new InMemoryEventStore()
                : SiloDatabase.OpenAsync(
                    options,
                    prepares: false,
                    CancellationToken.None,
                    services.GetRequiredService<ILocalSiloDetails>().SiloAddress).GetAwaiter().GetResult(),
            new GrainsOptions { QueueShards = options.QueueShards });
    }

    private static ApiKeyFile? KeysOf(SiloOptions options, IServiceProvider services)
    {
        try
        {
            return options.KeysFile is null ? null : ApiKeyFile.Open(
                options.KeysFile,
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILoggerFactory>().CreateLogger(Category))
                ?? throw new SiloUsageException($"There is no file {options.KeysFile} with API keys.");
        }
        catch (InvalidDataException e)
        {
            throw new SiloUsageException(e.Message);
        }
    }
}
