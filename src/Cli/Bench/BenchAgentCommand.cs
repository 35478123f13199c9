using System.CommandLine;
using Elasticity.Cli.CommandLine;
using Elasticity.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Elasticity.Cli.Bench;

/// <summary>The agents of <c>elasticity bench</c>, each in a process of its own: the agent SDK with handlers that do
/// nothing.</summary>
internal sealed class BenchAgentCommand : DocumentedCommand
{
    /// <summary>What to type.</summary>
    public const string CommandName = "bench-agent";

    /// <summary>What it says once it only waits for <see cref="Go"/>.</summary>
    public const string Ready = "ready";

    /// <summary>What it reads before it connects to the server.</summary>
    public const string Go = "go";

    private readonly Option<string> _server = new("--server") { Required = true };
    private readonly Option<string> _id = new("--id") { Required = true };
    private readonly Option<int> _slots = new("--slots") { Required = true };

    /// <summary>Makes the command.</summary>
    public BenchAgentCommand()
        : base(CommandName, "An agent that does nothing, for 'bench'.")
    {
        Hidden = true;
        Add(_server);
        Add(_id);
        Add(_slots);
        SetAction((parsed, _) => RunAsync(parsed));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => [];

    private async Task<int> RunAsync(ParseResult parsed)
    {
        HostApplicationBuilder host = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        host.Logging.AddSimpleConsole(c => c.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        int slots = parsed.GetValue(_slots);
        Uri[] servers = ServerAddresses.Read(parsed.GetValue(_server)!);
        host.Services
            .AddElasticityAgent(options =>
            {
                options.Server = servers[0];
                Array.ForEach(servers[1..], options.OtherServers.Add);
                options.ApiKey = Environment.GetEnvironmentVariable("ELASTICITY_KEY");
                options.AgentId = parsed.GetValue(_id)!;
                options.Slots = slots;
            })
            .AddHandler<RawJson, RawJson>(NoopHandler.Kind, (_, _, _) => Task.FromResult(default(RawJson)))
            .AddHandler<RawJson, RawJson>(
                NoopHandler.StampKind, (_, _, _) => Task.FromResult(new RawJson(NoopHandler.Stamp())));
        using IHost agent = host.Build();
        Console.WriteLine(Ready);
        if (await Console.In.ReadLineAsync() is not null) // Null: whoever measures has ended.
        {
            await agent.RunAsync();
        }

        return ExitCode.Success;
    }
}
