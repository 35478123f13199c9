using System.CommandLine;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Stores;
using Elasticity.Server;

namespace Elasticity.Cli.Serve;

/// <summary><c>elasticity server</c>.</summary>
internal sealed class ServerCommand : DocumentedCommand
{
    private static readonly ServerOptions Defaults = new();

    private readonly Option<string> _listen = new("--listen")
    {
        Description = "Where to listen. Reachable from elsewhere only with API keys.",
        HelpName = "URL",
        DefaultValueFactory = _ => Defaults.Listen,
    };

    private readonly Option<string> _data = new("--data")
    {
        Description = "The data directory: the log, and the API keys.",
        HelpName = "DIR",
        DefaultValueFactory = _ => DataDirectory.Default,
    };

    private readonly Option<string?> _store = new("--store")
    {
        Description = "Keeps the log in PostgreSQL, and stands by while another server owns it.",
        HelpName = "CONNECTION",
    };

    private readonly Option<string> _schema = new("--schema")
    {
        Description = "The schema of --store. Servers that share it stand by for each other.",
        HelpName = "NAME",
        DefaultValueFactory = _ => Defaults.PostgreSqlSchema,
    };

    private readonly Option<string?> _keys = new("--keys")
    {
        Description = "The file with the API keys. Default: api-keys.json in the data directory",
        HelpName = "FILE",
    };

    private readonly Option<string?> _certificate = new("--certificate")
    {
        Description = "For https: a PEM file with the certificate and its chain.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _certificateKey = new("--certificate-key")
    {
        Description = "For https: a PEM file with the private key.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _settings = new("--settings")
    {
        Description = "Shows every limit and other setting as it is now set, and where that was said; then ends.",
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "JSON, one document a line: where it listens, what it logs; errors as JSON.",
    };

    /// <summary>Makes the command.</summary>
    public ServerCommand()
        : base("server", "Serves clients and agents over HTTP, until it is told to stop.")
    {
        foreach (Option option in (Option[])[_listen, _data, _store, _schema, _keys, _certificate, _certificateKey])
        {
            Add(option);
        }

        SettingsOptions.AddTo(this);
        Add(_settings);
        Add(_json);
        SetAction((parsed, _) => RunAsync(parsed));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("elasticity server", "On this machine, the log in .elasticity"),
        ("elasticity keys add ci --role submit --role read", "A key, before others may come"),
        ("elasticity server --listen http://*:8080", "For a team: needs API keys"),
        ("elasticity server --set limits.payloadBytesMax=1MiB", "Another limit; --settings shows all of them"),
        (
            "elasticity server --store 'Host=db;Username=elasticity;Database=elasticity'",
            "PostgreSQL; start a second one elsewhere and it stands by"
        ),
    ];

    private async Task<int> RunAsync(ParseResult parsed)
    {
        Output output = new(Console.Out, parsed.GetValue(_json));
        (ServerOptions options, IReadOnlyDictionary<string, string> sources) = SettingsOptions.Read(parsed, new()
        {
            Listen = parsed.GetValue(_listen)!,
            DataDirectory = parsed.GetValue(_data)!,
            PostgreSql = parsed.GetValue(_store),
            PostgreSqlSchema = parsed.GetValue(_schema)!,
            KeysFile = parsed.GetValue(_keys),
            CertificateFile = parsed.GetValue(_certificate),
            CertificateKeyFile = parsed.GetValue(_certificateKey),
        });
        if (parsed.GetValue(_settings))
        {
            SettingsText.Write(output, options, sources);
            return ExitCode.Success;
        }

        using Stopping stopping = new(
            _ => Console.Error.WriteLine("elasticity: stopping: what is under way is answered"));
        await using ElasticityServer server = await ElasticityServer.StartAsync(
            options, output.AsJson ? b => ConsoleLog.AsJson(b.Logging) : null, stopping.Asked);
        foreach (string address in server.Addresses)
        {
            if (output.AsJson)
            {
                output.Json(new ListeningDocument(address), ServeJson.Default.ListeningDocument);
            }
            else
            {
                output.Line($"listening on {address}");
            }
        }

        await WaitAsync(stopping.Asked);
        await server.StopAsync();
        return ExitCode.Success; // Being told to stop is how a server ends well.
    }

    private static async Task WaitAsync(CancellationToken stop)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }
}
