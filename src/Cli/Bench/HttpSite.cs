using System.Globalization;
using Elasticity.Cli.CommandLine;
using Elasticity.Client.Http;
using Elasticity.Engine;

namespace Elasticity.Cli.Bench;

/// <summary>A server and its agents, each a process of its own, asked over HTTP.</summary>
internal sealed class HttpSite : BenchSite
{
    private const string Listening = "listening on ";

    /// <summary>How often the end of a phase is looked for: short against a phase, and costs next to nothing.</summary>
    private static readonly TimeSpan NewsInterval = TimeSpan.FromMilliseconds(20);

    private readonly BenchOptions _options;
    private readonly IReadOnlyList<Uri> _servers;
    private readonly HttpElasticity[] _clients;
    private readonly OwnProcess? _server;
    private readonly string? _temporary;
    private readonly List<OwnProcess> _agents = [];

    private HttpSite(BenchOptions options, IReadOnlyList<Uri> servers, OwnProcess? server, string? temporary)
    {
        _options = options;
        _servers = servers;
        _server = server;
        _temporary = temporary;
        _clients =
        [
            .. servers.Select((_, i) => new HttpElasticity(new HttpElasticityOptions
            {
                Server = From(i)[0],
                OtherServers = From(i)[1..],
                ApiKey = options.Key,
                NewsInterval = NewsInterval,
            })),
        ];
    }

    /// <inheritdoc/>
    public override IElasticity Engine => _clients[0];

    /// <inheritdoc/>
    public override IElasticity EngineOf(int client) => _clients[client % _clients.Length];

    /// <inheritdoc/>
    public override string Name => _servers.Count == 1
        ? "over HTTP, server and agents in processes of their own"
        : string.Create(
            CultureInfo.InvariantCulture, $"over HTTP, {_servers.Count} servers and agents in processes of their own");

    /// <inheritdoc/>
    public override string Durability =>
        _options.Servers is [] ? DurabilityOf(_options.Store) : "as the server has it";

    /// <inheritdoc/>
    public override bool IsStoreOwn => _server is not null;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, int Id)> Processes =>
    [
        .. _server is null ? Array.Empty<(string, int)>() : [("server", _server.Id)],
        .. _agents.Select((a, i) => (string.Create(CultureInfo.InvariantCulture, $"agent {i}"), a.Id)),
    ];

    /// <summary>Starts a server, unless one was named.</summary>
    public static async Task<HttpSite> OpenAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        if (options.Servers is not [])
        {
            return new HttpSite(options, options.Servers, null, null);
        }

        string? temporary = options.Data is null
            ? Directory.CreateTempSubdirectory("elasticity-bench-").FullName
            : null;
        List<string> arguments =
            ["server", "--listen", "http://127.0.0.1:0", "--data", options.Data ?? temporary!];
        if (options.Store != BenchOptions.SqliteStore)
        {
            arguments.AddRange(["--store", options.Store, "--schema", BenchOptions.Schema]);
        }

        OwnProcess server = OwnProcess.Start(arguments, null);
        try
        {
            string line = await server.LineAsync(Listening, cancellationToken);
            HttpSite site = new(options, [new Uri(line[Listening.Length..])], server, temporary);

            // Answered once it serves: on PostgreSQL it may have to wait for the owner before it.
            _ = await site.Engine.ListAgentsAsync(cancellationToken);
            return site;
        }
        catch
        {
            server.Dispose();
            Remove(temporary);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async Task PrepareAgentsAsync(CancellationToken cancellationToken)
    {
        for (int i = 0; i < _options.Agents; i++)
        {
            string[] arguments =
            [
                BenchAgentCommand.CommandName,
                "--server", string.Join(',', From(i).Select(s => s.AbsoluteUri)),
                "--id", string.Create(CultureInfo.InvariantCulture, $"bench-{Environment.ProcessId}-{i}"),
                "--slots", _options.Slots.ToString(CultureInfo.InvariantCulture),
            ];
            _agents.Add(OwnProcess.Start(arguments, _options.Key));
        }

        foreach (OwnProcess agent in _agents)
        {
            await agent.LineAsync(BenchAgentCommand.Ready, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override void StartAgents() => _agents.ForEach(a => a.Say(BenchAgentCommand.Go));

    /// <inheritdoc/>
    public override void Check()
    {
        if (_server is { HasEnded: true } || _agents.Exists(a => a.HasEnded))
        {
            throw new CliException(
                ExitCode.Unavailable, "bench-broken", "The server or an agent ended before the measurement did.");
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _agents.ForEach(a => a.Dispose());
        Array.ForEach(_clients, c => c.Dispose());
        _server?.Dispose();
        Remove(_temporary);
        return ValueTask.CompletedTask;
    }

    /// <summary>All servers, another one first for each number.</summary>
    private Uri[] From(int number) =>
        [.. _servers.Select((_, i) => _servers[(number + i) % _servers.Count])];

    private static void Remove(string? directory)
    {
        if (directory is not null)
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
