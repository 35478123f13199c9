using System.CommandLine;
using System.Text.Json;
using Elasticity.Cli.CommandLine;

namespace Elasticity.Cli.Bench;

/// <summary><c>elasticity bench</c>.</summary>
internal sealed class BenchCommand : DocumentedCommand
{
    private readonly Option<int> _jobs = Number("--jobs", "N", "Jobs in each phase.", 10);
    private readonly Option<int> _tasks = Number("--tasks", "M", "Tasks in each job.", 10_000);
    private readonly Option<int> _payload = Number("--payload", "BYTES", "Bytes of each payload; 0 means none.", 0);
    private readonly Option<int> _agents = Number("--agents", "N", "Agents.", 2);
    private readonly Option<int> _slots = Number("--slots", "N", "Tasks that an agent executes at once.", 500);
    private readonly Option<int> _submitters = Number("--submitters", "N", "Jobs that are submitted at once.", 4);
    private readonly Option<int> _rate = Number("--rate", "N", "Jobs a second in the steady phase.", 100);
    private readonly Option<TimeSpan?> _steady = Durations.Option(
        "--steady",
        "How long the steady phase takes; 0 leaves it out. Default: 10s",
        TimeSpan.Zero,
        TimeSpan.FromHours(1));

    private readonly Option<bool> _inProcess = new("--in-process")
    {
        Description = "Engine and agents in this process, without HTTP.",
    };

    private readonly Option<string?> _server = new("--server")
    {
        Description = "A server that runs; several of one cluster with commas between, over which clients and agents "
            + "are spread. Without it one is started, on the store that --store names.",
        HelpName = "URL",
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = "The API key for --server. Default: $ELASTICITY_KEY, which other users cannot see",
        HelpName = "KEY",
    };

    private readonly Option<string> _store = new("--store")
    {
        Description = "Where everything is durable; memory only with --in-process.",
        HelpName = "memory|sqlite|CONNECTION",
        DefaultValueFactory = _ => BenchOptions.SqliteStore,
    };

    private readonly Option<string?> _data = new("--data")
    {
        Description = "The data directory; without it a new one, removed afterwards.",
        HelpName = "DIR",
    };

    private readonly Option<bool> _json = new("--json") { Description = "One JSON document on standard output." };

    /// <summary>Makes the command.</summary>
    public BenchCommand()
        : base("bench", "Measures how fast tasks that do nothing are submitted, executed and recorded.")
    {
        Option[] options =
        [
            _inProcess, _server, _key, _store, _data, _jobs, _tasks, _payload, _agents, _slots, _submitters, _rate,
            _steady, _json,
        ];
        foreach (Option option in options)
        {
            Add(option);
        }

        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("elasticity bench", "A server and two agents, each a process of its own, over HTTP"),
        ("elasticity bench --in-process", "What this machine does, everything synchronised to its disk"),
        ("elasticity bench --store 'Host=db;Username=me;Database=test'", "The same on PostgreSQL"),
        ("elasticity bench --in-process --store memory --jobs 1 --tasks 1000000 --json", "The engine alone"),
        ("elasticity bench --server http://a:8080,http://b:8080 --agents 4", "A cluster, two agents at each silo"),
    ];

    private static Option<int> Number(string name, string value, string description, int otherwise)
    {
        Option<int> option = new(name)
        {
            Description = description,
            HelpName = value,
            DefaultValueFactory = _ => otherwise,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < (otherwise == 0 ? 0 : 1))
            {
                result.AddError($"{name} is too small.");
            }
        });
        return option;
    }

    private static void Check(BenchOptions options, bool isInProcess, bool namesStore)
    {
        if (options.Servers is not [] && (isInProcess || namesStore || options.Data is not null))
        {
            throw CliException.Refused(
                "usage", "--server measures a server as it is: leave out --in-process, --store and --data.");
        }

        if (!isInProcess && options.Store == BenchOptions.MemoryStore)
        {
            throw CliException.Refused("usage", "A server has no memory store: add --in-process.");
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        BenchOptions options = new()
        {
            Jobs = parsed.GetValue(_jobs),
            TasksPerJob = parsed.GetValue(_tasks),
            PayloadBytes = parsed.GetValue(_payload),
            Agents = parsed.GetValue(_agents),
            Slots = parsed.GetValue(_slots),
            Submitters = parsed.GetValue(_submitters),
            Rate = parsed.GetValue(_rate),
            Steady = parsed.GetValue(_steady) ?? TimeSpan.FromSeconds(10),
            Store = parsed.GetValue(_store)!,
            Data = parsed.GetValue(_data),
            Servers = parsed.GetValue(_server) is { } servers ? ServerAddresses.Read(servers) : [],
            Key = parsed.GetValue(_key) ?? Environment.GetEnvironmentVariable("ELASTICITY_KEY"),
        };
        bool isInProcess = parsed.GetValue(_inProcess);
        Check(options, isInProcess, parsed.GetResult(_store) is { Implicit: false });
        bool asJson = parsed.GetValue(_json);
        using Stopping stopping = new(null);
        await using BenchSite site = isInProcess
            ? await InProcessSite.OpenAsync(options, stopping.Asked)
            : await HttpSite.OpenAsync(options, stopping.Asked);
        BenchReport report = await new BenchRun(site, options, Console.Error.WriteLine).RunAsync(stopping.Asked);
        Console.WriteLine(asJson
            ? JsonSerializer.Serialize(report, BenchJson.Default.BenchReport)
            : BenchText.Of(report));
        return ExitCode.Success;
    }
}
