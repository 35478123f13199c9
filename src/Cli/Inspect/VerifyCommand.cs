using System.CommandLine;
using System.Text.Json.Serialization;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Stores;
using Elasticity.Domain;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Elasticity.EventStore.PostgreSql;
using Elasticity.EventStore.Sqlite;
using Elasticity.Server;

namespace Elasticity.Cli.Inspect;

/// <summary><c>elasticity verify</c>.</summary>
internal sealed class VerifyCommand : DocumentedCommand
{
    private readonly Option<string> _data = new("--data")
    {
        Description = "The data directory; another process may own it.",
        HelpName = "DIR",
        DefaultValueFactory = _ => DataDirectory.Default,
    };

    private readonly Option<string?> _store = new("--store")
    {
        Description = "A PostgreSQL database instead: an Npgsql connection string.",
        HelpName = "CONNECTION",
    };

    private readonly Option<string> _schema = new("--schema")
    {
        Description = "The schema of --store.",
        HelpName = "NAME",
        DefaultValueFactory = _ => new ServerOptions().PostgreSqlSchema,
    };

    private readonly Option<string?> _job = new("--job")
    {
        Description = "Only this job and its tasks.",
        HelpName = "ID",
    };

    private readonly Option<bool> _json = new("--json") { Description = "JSON; errors as JSON." };

    /// <summary>Makes the command.</summary>
    public VerifyCommand()
        : base("verify", "Recomputes the hash chain of every stored event, and names the first that does not fit.")
    {
        Add(_data);
        Add(_store);
        Add(_schema);
        Add(_job);
        Add(_json);
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("elasticity verify", "Everything in the data directory here"),
        ("elasticity verify --job nightly --store \"$CONNECTION\"", "One job in PostgreSQL"),
    ];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using Stopping stopping = new(tell: null);
        JobId? job = parsed.GetValue(_job) is not { } id ? null
            : Identifier.IsValid(id) ? new JobId(id)
            : throw CliException.Refused(RejectionCode.Invalid, "A job's id is 1 to 128 of [A-Za-z0-9._-].");
        await using IEventStore store = await OpenAsync(parsed, stopping.Asked);
        try
        {
            return await VerifyAsync(store, job, new Output(Console.Out, parsed.GetValue(_json)), stopping.Asked);
        }
        catch (OperationCanceledException) when (stopping.Exit != 0)
        {
            return stopping.Exit;
        }
    }

    private async Task<IEventStore> OpenAsync(ParseResult parsed, CancellationToken stop)
    {
        if (parsed.GetValue(_store) is not { } connection)
        {
            return await SqliteEventStore.OpenAsync(
                new SqliteEventStoreOptions { Directory = parsed.GetValue(_data)!, IsReadOnly = true }, stop);
        }

        PostgreSqlEventStoreOptions options = new()
        {
            ConnectionString = connection,
            Schema = parsed.GetValue(_schema)!,
        };
        try
        {
            return await PostgreSqlEventStore.OpenAsync(options, stop);
        }
        catch (EventStoreException e) when (e.Code == "store-version")
        {
            // A cluster's; if it is another release's, that is said once more.
            return await PostgreSqlEventStore.OpenAsync(options with { IsShared = true, Prepares = false }, stop);
        }
        catch (ArgumentException e)
        {
            throw CliException.Refused("options-invalid", $"--store is no connection string: {e.Message}");
        }
    }

    private static async Task<int> VerifyAsync(
        IEventStore store, JobId? job, Output output, CancellationToken stop)
    {
        VerifyReport chain;
        if (job is { } one)
        {
            VerifyReport tasks = await LogVerifier.VerifyAsync(store, StreamNames.TasksOf(one), null, stop);
            VerifyReport own = await LogVerifier.VerifyAsync(store, StreamNames.Of(one).Value, null, stop);
            chain = Sum(tasks, own);
        }
        else
        {
            chain = await LogVerifier.VerifyAsync(store, string.Empty, null, stop);
        }

        VerifyReport outcomes =
            Without(await OutcomeVerifier.VerifyAsync(store, job, null, stop), chain.Faults);
        VerifyReport all = Sum(chain, outcomes);
        if (output.AsJson)
        {
            output.Json(new VerifyDocument(
                all.IsSound,
                chain.Streams,
                chain.Events,
                outcomes.Events,
                all.FaultCount,
                [.. all.Faults.Select(f => new FaultDocument(
                    f.Stream.Value, f.Version, f.Difference.ToString(), f.Detail))]),
                        VerifyJson.Default.VerifyDocument);
        }
        else
        {
            foreach (VerifyFault fault in all.Faults)
            {
                output.Line($"{fault.Stream.Value} {fault.Version}: {fault.Detail}");
            }

            output.Line($"{chain.Streams} streams, {chain.Events} events, {outcomes.Events} outcomes: "
                + (all.IsSound ? "everything fits" : $"{all.FaultCount} faults"));
        }

        return all.IsSound ? ExitCode.Success : ExitCode.Failed;
    }

    /// <summary>An event that broke its chain is named once, also where it then cannot be read as an outcome.</summary>
    private static VerifyReport Without(VerifyReport report, IReadOnlyList<VerifyFault> known)
    {
        HashSet<(StreamId, long)> places = [.. known.Select(f => (f.Stream, f.Version))];
        List<VerifyFault> left = [.. report.Faults.Where(f => !places.Contains((f.Stream, f.Version)))];
        return report with { Faults = left, FaultCount = report.FaultCount - (report.Faults.Count - left.Count) };
    }

    private static VerifyReport Sum(VerifyReport a, VerifyReport b) => new(
        a.Streams + b.Streams, a.Events + b.Events, a.FaultCount + b.FaultCount, [.. a.Faults, .. b.Faults]);
}

/// <summary>What <c>verify --json</c> prints.</summary>
/// <param name="IsSound">Everything fits.</param>
/// <param name="Streams">Streams walked.</param>
/// <param name="Events">Events that fit.</param>
/// <param name="Outcomes">Outcomes that jobs recorded and the tasks' streams hold.</param>
/// <param name="FaultCount">What does not fit.</param>
/// <param name="Faults">The first of them.</param>
internal sealed record VerifyDocument(
    bool IsSound, long Streams, long Events, long Outcomes, long FaultCount, IReadOnlyList<FaultDocument> Faults);

/// <summary>Something that does not fit.</summary>
/// <param name="Stream">In which stream.</param>
/// <param name="Version">Which event.</param>
/// <param name="Difference">What differs, a stable word.</param>
/// <param name="Detail">A sentence.</param>
internal sealed record FaultDocument(string Stream, long Version, string Difference, string Detail);

/// <summary>The JSON of <c>verify</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(VerifyDocument))]
internal sealed partial class VerifyJson : JsonSerializerContext;
