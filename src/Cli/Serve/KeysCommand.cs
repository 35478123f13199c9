using System.CommandLine;
using Elasticity.Api;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Stores;

namespace Elasticity.Cli.Serve;

/// <summary><c>elasticity keys</c>: who may use the server.</summary>
internal sealed class KeysCommand : DocumentedCommand
{
    private readonly Option<string> _data = new("--data")
    {
        Description = "The server's data directory.",
        HelpName = "DIR",
        DefaultValueFactory = _ => DataDirectory.Default,
    };

    private readonly Option<bool> _json = new("--json") { Description = "JSON, one document a line; errors as JSON." };

    /// <summary>Makes the command.</summary>
    public KeysCommand()
        : base("keys", "Adds, lists and removes API keys. A running server follows within a second.")
    {
        Argument<string> name = new("NAME") { Description = "Who the key is for." };
        Option<string[]> roles = new("--role")
        {
            Description = "What it may do: read, submit, work, admin; may be given several times.",
            Required = true,
        };
        Part add = new(
            "add",
            "Makes a key and shows it, once.",
            ("elasticity keys add ci --role submit --role read", "A key for a client"),
            ("elasticity keys add workers --role work", "A key for agents"))
        {
            name, roles, _data, _json,
        };
        add.SetAction(parsed => Add(
            parsed.GetValue(name)!, parsed.GetValue(roles)!, parsed.GetValue(_data)!, OutputOf(parsed)));
        Part list = new(
            "list", "Lists the keys; what they are is not stored.", ("elasticity keys list", "Who may come"))
        {
            _data, _json,
        };
        list.SetAction(parsed => List(parsed.GetValue(_data)!, OutputOf(parsed)));
        Part remove = new("remove", "Withdraws a key.", ("elasticity keys remove ci", "Withdraws it"))
        {
            name, _data, _json,
        };
        remove.SetAction(parsed => Remove(parsed.GetValue(name)!, parsed.GetValue(_data)!, OutputOf(parsed)));
        foreach (Part part in (Part[])[add, list, remove])
        {
            Add(part);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("elasticity keys add ci --role submit --role read", "A key for a client"),
        ("elasticity keys add workers --role work", "A key for agents"),
        ("elasticity keys remove ci", "Withdraws it"),
    ];

    private Output OutputOf(ParseResult parsed) => new(Console.Out, parsed.GetValue(_json));

    private static string FileOf(string data) => Path.Combine(data, ApiKeyFile.FileName);

    private static int Add(string name, string[] words, string data, Output output)
    {
        ApiRoles roles = ApiKeys.ParseRoles(words)
            ?? throw CliException.Refused("usage", "--role is read, submit, work or admin.");
        IReadOnlyList<ApiKey> keys = ApiKeyFile.Read(FileOf(data));
        if (keys.Any(k => k.Name == name))
        {
            throw CliException.Refused("key-exists", $"There is a key named {name}: remove it first.");
        }

        (string secret, ApiKey key) = ApiKeys.Create(name, roles);
        Directory.CreateDirectory(data);
        ApiKeyFile.Write(FileOf(data), [.. keys, key]);
        if (output.AsJson)
        {
            output.Json(DocumentOf(key) with { Key = secret }, ServeJson.Default.KeyDocument);
        }
        else
        {
            output.Line(secret);
        }

        return ExitCode.Success;
    }

    private static int List(string data, Output output)
    {
        foreach (ApiKey key in ApiKeyFile.Read(FileOf(data)))
        {
            Write(key, output);
        }

        return ExitCode.Success;
    }

    private static int Remove(string name, string data, Output output)
    {
        IReadOnlyList<ApiKey> keys = ApiKeyFile.Read(FileOf(data));
        ApiKey removed = keys.FirstOrDefault(k => k.Name == name)
            ?? throw CliException.Refused("key-unknown", $"There is no key named {name}.");
        ApiKeyFile.Write(FileOf(data), [.. keys.Where(k => k.Name != name)]);
        if (output.AsJson)
        {
            Write(removed, output);
        }

        return ExitCode.Success;
    }

    private static KeyDocument DocumentOf(ApiKey key) => new(key.Name, [.. ApiKeys.WordsOf(key.Roles)]);

    private static void Write(ApiKey key, Output output)
    {
        if (output.AsJson)
        {
            output.Json(DocumentOf(key), ServeJson.Default.KeyDocument);
        }
        else
        {
            output.Line($"{key.Name}  {string.Join(", ", ApiKeys.WordsOf(key.Roles))}");
        }
    }

    /// <summary>A command below <c>keys</c>.</summary>
    private sealed class Part(string name, string description, params (string Line, string Meaning)[] examples)
        : DocumentedCommand(name, description)
    {
        /// <inheritdoc/>
        public override IReadOnlyList<(string Line, string Meaning)> Examples => examples;
    }
}
