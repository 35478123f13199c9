using System.CommandLine;
using Elasticity.Agent.Sdk;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Exec;
using Elasticity.Contracts;
using Elasticity.Domain;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Elasticity.Cli.Serve;

/// <summary><c>elasticity agent</c>.</summary>
internal sealed class AgentCommand : DocumentedCommand
{
    private const int SlotsMax = 1_000;

    private readonly Option<string?> _server = new("--server")
    {
        Description = "The server; several of one cluster with commas between. Default: $ELASTICITY_SERVER",
        HelpName = "URL",
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = "The API key; needs the role work. Default: the environment variable ELASTICITY_KEY",
        HelpName = "KEY",
    };

    private readonly Option<string[]> _kinds = new("--kind")
    {
        Description = "What it executes; may be given several times.",
        HelpName = "KIND",
        DefaultValueFactory = _ => [ExecTask.Kind],
    };

    private readonly Option<string?> _exec = new("--exec")
    {
        Description = "The command for a task, {} replaced by its payload as one argument (a JSON string without its "
            + "quotes). Without it a task's payload names the command, as those of 'run' and of job files do.",
        HelpName = "'CMD {}'",
    };

    private readonly Option<string?> _id = new("--id")
    {
        Description = "The agent's id, one for each process. Default: machine and process",
        HelpName = "ID",
    };

    private readonly Option<int?> _slots = new("--slots")
    {
        Description = "Commands that run at once. Default: the number of processors",
        HelpName = "N",
    };

    private readonly Option<TimeSpan?> _timeout = Durations.Option(
        "--timeout",
        "How long a command of --exec may run before it is ended and counts as failed.",
        TimeSpan.FromMilliseconds(1),
        TimeSpan.FromSeconds(ExecTask.TimeoutSecondsMax));

    private readonly Option<bool> _json = new("--json")
    {
        Description = "JSON, one document a line: what it logs; errors as JSON.",
    };

    /// <summary>Makes the command.</summary>
    public AgentCommand()
        : base("agent", "Executes tasks of a server, until it is told to stop; then it gives back what runs.")
    {
        foreach (Option option in (Option[])[_server, _key, _kinds, _exec, _id, _slots, _timeout, _json])
        {
            Add(option);
        }

        _slots.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int?>() is < 1 or > SlotsMax)
            {
                r.AddError($"--slots is 1 to {SlotsMax}.");
            }
        });
        SetAction((parsed, _) => RunAsync(parsed));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("elasticity agent --server http://127.0.0.1:8080", "Executes the commands that exec tasks name"),
        (
            "elasticity agent --server http://127.0.0.1:8080 --kind resize --exec 'convert {} -resize 50% out/{}'",
            "Executes one command for each task of a kind"
        ),
    ];

    private async Task<int> RunAsync(ParseResult parsed)
    {
        Uri[] servers = ServerAddresses.ReadOrFromEnvironment(parsed.GetValue(_server));
        if (servers is [])
        {
            throw CliException.Refused("usage", "Whose tasks? Give --server, or set ELASTICITY_SERVER.");
        }

        using ExecHandler exec = new(
            payload => Read(payload, parsed.GetValue(_exec), parsed.GetValue(_timeout)),
            new ExecOptions(),
            TimeProvider.System);
        SdkHandler handler = new(exec);
        HostApplicationBuilder host = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        host.Logging.AddSimpleConsole(c => c.SingleLine = true)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("System", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // It repeats what the agent says, and its stack.
        if (parsed.GetValue(_json))
        {
            ConsoleLog.AsJson(host.Logging);
        }

        host.Services.Configure<HostOptions>(h => h.ShutdownTimeout = TimeSpan.FromMinutes(1));
        AgentBuilder agent = host.Services.AddElasticityAgent(options =>
        {
            options.Server = servers[0];
            foreach (Uri other in servers[1..])
            {
                options.OtherServers.Add(other);
            }

            options.ApiKey = parsed.GetValue(_key) ?? Environment.GetEnvironmentVariable("ELASTICITY_KEY");
            options.AgentId = parsed.GetValue(_id) ?? $"{Environment.MachineName}-{Environment.ProcessId}";
            options.Slots = parsed.GetValue(_slots) ?? Environment.ProcessorCount;
            options.DrainTimeout = TimeSpan.Zero; // A command is not worth waiting for: it is given back, free.
        });
        foreach (string kind in parsed.GetValue(_kinds)!.Distinct())
        {
            agent.AddHandler<RawJson, RawJson>(kind, handler.ExecuteAsync);
        }

        await RunAsync(host.Build());
        return ExitCode.Success;
    }

    /// <summary>Runs until told to stop. The host ends in good order, too, when the agent could not go on; only the
    /// agent's own task knows why.</summary>
    /// <exception cref="AgentStoppedException">The server wants nothing of this agent.</exception>
    private static async Task RunAsync(IHost host)
    {
        BackgroundService[] services = [.. host.Services.GetServices<IHostedService>().OfType<BackgroundService>()];
        await host.RunAsync();
        foreach (Task done in services.Select(s => s.ExecuteTask).OfType<Task>())
        {
            await done;
        }
    }

    private static (ExecTask? Task, string? Problem) Read(Payload payload, string? command, TimeSpan? timeout)
    {
        if (command is null)
        {
            return ExecTask.Read(payload);
        }

        ExecTask task = new()
        {
            Command = command,
            Argument = SdkHandler.ArgumentOf(payload),
            TimeoutSeconds = timeout?.TotalSeconds,
        };
        return (task, task.Problem());
    }
}
