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
        Command add = new("add", "Makes a key and shows it, once.") { name, roles, _data };
        add.SetAction(parsed => Add(parsed.GetValue(name)!, parsed.GetValue(roles)!, parsed.GetValue(_data)!));
        Command list = new("list", "Lists the keys; what they are is not stored.") { _data };
        list.SetAction(parsed => List(parsed.GetValue(_data)!));
        Command remove = new("remove", "Withdraws a key.") { name, _data };
        remove.SetAction(parsed => Remove(parsed.GetValue(name)!, parsed.GetValue(_data)!));
        foreach (Command command in (Command[])[add, list, remove])
        {
            Add(command);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("elasticity keys add ci --role submit --role read", "A key for a client"),
        ("elasticity keys add workers --role work", "A key for agents"),
        ("elasticity keys remove ci", "Withdraws it"),
    ];

    private static string FileOf(string data) => Path.Combine(data, ApiKeyFile.FileName);

    private static int Add(string name, string[] words, string data)
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
        Console.WriteLine(secret);
        return ExitCode.Success;
    }

    private static int List(string data)
    {
        foreach (ApiKey key in ApiKeyFile.Read(FileOf(data)))
        {
            Console.WriteLine($"{key.Name}  {string.Join(", ", ApiKeys.WordsOf(key.Roles))}");
        }

        return ExitCode.Success;
    }

    private static int Remove(string name, string data)
    {
        IReadOnlyList<ApiKey> keys = ApiKeyFile.Read(FileOf(data));
        if (keys.All(k => k.Name != name))
        {
            throw CliException.Refused("key-unknown", $"There is no key named {name}.");
        }

        ApiKeyFile.Write(FileOf(data), [.. keys.Where(k => k.Name != name)]);
        return ExitCode.Success;
    }
}
