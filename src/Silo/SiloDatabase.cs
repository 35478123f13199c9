using Elasticity.EventStore;
using Elasticity.EventStore.PostgreSql;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Elasticity.Silo;

/// <summary>The database of a silo: the events, and what Orleans keeps beside them.</summary>
internal static class SiloDatabase
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(5);

    /// <summary>Creates or upgrades both schemas. Harmless when they are ready, and when several processes do it at
    /// once.</summary>
    /// <returns>One sentence for whoever asked.</returns>
    /// <exception cref="SiloUsageException">No database is named.</exception>
    /// <exception cref="InvalidOperationException">A newer release made one of them: nothing is changed. Or the place
    /// of the members refuses.</exception>
    /// <exception cref="EventStoreException">The database failed, or holds the data of another engine.</exception>
    /// <exception cref="ClusteringAwayException">The place of the members does not answer.</exception>
    public static async Task<string> MigrateAsync(SiloOptions options, CancellationToken cancellationToken)
    {
        if (options.PostgreSql is null)
        {
            throw new SiloUsageException($"There is no database to migrate: give {nameof(options.PostgreSql)}.");
        }

        await ClusterSchema.CheckAsync(options, isMigrating: true, cancellationToken);
        await using (await OpenAsync(options, prepares: true, cancellationToken))
        {
            int version = await ClusterSchema.PrepareAsync(options, cancellationToken);
            string? further = await options.EffectiveClustering.MigrateAsync(options, cancellationToken);
            return $"The schemas {options.PostgreSqlSchema} and {ClusterSchema.NameOf(options)} (version {version}) "
                + $"are ready for this release.{(further is null ? null : $" {further}")}";
        }
    }

    /// <summary>Waits until the database and the place of the members answer, and makes sure that they are
    /// prepared.</summary>
    /// <exception cref="InvalidOperationException">One is not prepared for this release.</exception>
    /// <exception cref="EventStoreException">It refuses, and will again.</exception>
    public static async Task WaitAsync(SiloOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (options.Migrate)
                {
                    await MigrateAsync(options, cancellationToken);
                }

                await ClusterSchema.CheckAsync(options, isMigrating: false, cancellationToken);
                await using (await OpenAsync(options, prepares: false, cancellationToken))
                {
                    await options.EffectiveClustering.CheckAsync(options, cancellationToken);
                    return;
                }
            }
            catch (Exception e) when (e is EventStoreException { IsTransient: true } or ClusteringAwayException)
            {
                SiloLog.DatabaseAway(logger, e.Message, LookAgainAfter.TotalSeconds);
            }

            await Task.Delay(LookAgainAfter, cancellationToken);
        }
    }

    /// <summary>Opens the log.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="prepares">Whether it may be created, or brought up to date.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <param name="silo">Who appends: nothing any more once the others have declared it dead.</param>
    public static Task<PostgreSqlEventStore> OpenAsync(
        SiloOptions options, bool prepares, CancellationToken cancellationToken, SiloAddress? silo = null) =>
        PostgreSqlEventStore.OpenAsync(
            new PostgreSqlEventStoreOptions
            {
                ConnectionString = options.PostgreSql!,
                Schema = options.PostgreSqlSchema,
                IsShared = true,
                FencedWhen = silo is null ? null : options.EffectiveClustering.IsDead(options, silo),
                Prepares = prepares,
            },
            cancellationToken);

    /// <summary>Says of a database what the store says of it.</summary>
    public static EventStoreException Translate(NpgsqlException e) => e is PostgresException refused
        ? new EventStoreException(
            refused.IsTransient ? "store-unavailable" : "store-failed",
            $"PostgreSQL refused ({refused.SqlState}): {refused.MessageText.TrimEnd('.')}.",
            refused.IsTransient,
            inner: e)
        : new EventStoreException(
            "store-unavailable",
            $"PostgreSQL cannot be reached: {e.Message.TrimEnd('.')}.",
            isTransient: true,
            inner: e);
}
