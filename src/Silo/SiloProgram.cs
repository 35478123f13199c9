using System.Net;
using Elasticity.Api;
using Elasticity.Client;
using Elasticity.EventStore;
using Elasticity.EventStore.PostgreSql;
using Elasticity.Grains;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace Elasticity.Silo;

/// <summary>One process: a silo, the HTTP API on it, and the dashboard.</summary>
internal static class SiloProgram
{
    private const string Invariant = "Npgsql";

    /// <summary>A silo that was killed is noticed within 3 s, one that froze within 5 s: three missed probes of a
    /// second, and a second silo that agrees.</summary>
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    /// <summary>A call to a silo that has just died is not always told so; after this it fails, and is made
    /// again.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AliveInterval = TimeSpan.FromSeconds(5);

    private const int MissedProbes = 3;
    private const int Votes = 2;

    /// <summary>Creates or upgrades the schemas.</summary>
    public static async Task MigrateAsync(SiloOptions options, CancellationToken cancellationToken)
    {
        if (options.PostgreSql is null)
        {
            throw new InvalidOperationException("There is no database to migrate: give PostgreSql.");
        }

        PostgreSqlEventStore store = await OpenAsync(options, cancellationToken);
        await store.DisposeAsync();
        await ClusterSchema.PrepareAsync(options, cancellationToken);
    }

    /// <summary>Runs until told to stop.</summary>
    public static async Task RunAsync(SiloOptions options)
    {
        if (options.PostgreSql is not null)
        {
            await CheckSchemaAsync(options);
        }

        await using WebApplication app = Build(options);
        await app.RunAsync();
    }

    private static async Task CheckSchemaAsync(SiloOptions options)
    {
        if (options.Migrate)
        {
            await MigrateAsync(options, CancellationToken.None);
        }
        else if (!await ClusterSchema.IsReadyAsync(options, CancellationToken.None))
        {
            throw new InvalidOperationException(
                "The database is not prepared for this release: run 'elasticity-silo migrate', or start with "
                + "--Migrate true.");
        }
    }

    private static WebApplication Build(SiloOptions options)
    {
        // Empty: no configuration file and no environment variable opens a second address.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging
            .AddSimpleConsole(c => c.SingleLine = true)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Orleans", LogLevel.Warning)
            .AddFilter("System", LogLevel.Warning);
        builder.Services.Configure<HostOptions>(h => h.ShutdownTimeout = options.StopTimeout);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrel(k => k.AddServerHeader = false).UseUrls(options.Listen);
        builder.UseOrleans(silo => Configure(silo, options));
        builder.AddElasticityPort();
        builder.Services.AddElasticityApi(s => new ApiOptions { Keys = KeysOf(options, s) });

        WebApplication app = builder.Build();
        app.UseRouting();
        app.Use(new DashboardGuard(app.Services.GetRequiredService<ApiOptions>().Keys).InvokeAsync);
        app.MapElasticityApi();
        if (options.Dashboard)
        {
            app.MapOrleansDashboard(DashboardGuard.Path);
        }

        return app;
    }

    private static void Configure(ISiloBuilder silo, SiloOptions options)
    {
        if (options.EffectiveClustering == "localhost")
        {
            silo.UseLocalhostClustering(
                options.SiloPort, options.GatewayPort, null, options.ServiceId, options.ClusterId);
        }
        else
        {
            silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (options.ClusterId, options.ServiceId));
            silo.ConfigureEndpoints(IPAddress.Parse(options.Address), options.SiloPort, options.GatewayPort);
            silo.UseAdoNetClustering(o =>
                (o.Invariant, o.ConnectionString) = (Invariant, ClusterSchema.ConnectionStringOf(options)));
        }

        if (options.PostgreSql is null)
        {
            silo.UseInMemoryReminderService();
        }
        else
        {
            silo.UseAdoNetReminderService(o =>
                (o.Invariant, o.ConnectionString) = (Invariant, ClusterSchema.ConnectionStringOf(options)));
        }

        silo.Configure<ClusterMembershipOptions>(o =>
        {
            o.ProbeTimeout = ProbeTimeout;
            o.MaxProbeTimeout = ProbeTimeout; // Four probes long by default, which would suppress votes for that long.
            o.NumMissedProbesLimit = MissedProbes;
            o.NumVotesForDeathDeclaration = Votes;

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

        silo.AddElasticityGrains(_ => options.PostgreSql is null
            ? new InMemoryEventStore()
            : OpenAsync(options, CancellationToken.None).GetAwaiter().GetResult());
    }

    private static Task<PostgreSqlEventStore> OpenAsync(SiloOptions options, CancellationToken cancellationToken) =>
        PostgreSqlEventStore.OpenAsync(
            new PostgreSqlEventStoreOptions
            {
                ConnectionString = options.PostgreSql!,
                Schema = options.PostgreSqlSchema,
                IsShared = true,
            },
            cancellationToken);

    private static ApiKeyFile? KeysOf(SiloOptions options, IServiceProvider services) => options.KeysFile is null
        ? null
        : ApiKeyFile.Open(
            options.KeysFile,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>().CreateLogger("Elasticity.Silo"))
            ?? throw new InvalidOperationException($"There is no file {options.KeysFile} with API keys.");
}
