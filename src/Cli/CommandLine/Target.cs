using System.CommandLine;
using Elasticity.Cli.Stores;
using Elasticity.Client.Http;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Sqlite;

namespace Elasticity.Cli.CommandLine;

/// <summary>What a command works on: a server, or a data directory.</summary>
internal sealed class Target
{
    private static readonly Option<string?> ServerOption = new("--server")
    {
        Description = "The server's address; several of one cluster with commas between. Default: $ELASTICITY_SERVER; "
            + "without it the data directory is used",
        HelpName = "URL",
    };

    private static readonly Option<string?> KeyOption = new("--key")
    {
        Description = "The API key for the server. Default: $ELASTICITY_KEY, which other users cannot see",
        HelpName = "KEY",
    };

    private static readonly Option<string?> DataOption = new("--data")
    {
        Description = $"The data directory. Default: {DataDirectory.Default}",
        HelpName = "DIR",
    };

    private Target(Uri[] servers, string? key, string data)
    {
        Servers = servers;
        Key = key;
        Data = data;
    }

    /// <summary>The server, and others of its cluster; none for a data directory.</summary>
    public Uri[] Servers { get; }

    /// <summary>The API key for the server; null for none.</summary>
    public string? Key { get; }

    /// <summary>The data directory.</summary>
    public string Data { get; }

    /// <summary>Gives a command the options that name a target.</summary>
    /// <param name="command">The command.</param>
    /// <param name="hasData">Whether a data directory will do.</param>
    public static void AddTo(Command command, bool hasData = true)
    {
        command.Add(ServerOption);
        command.Add(KeyOption);
        if (hasData)
        {
            command.Add(DataOption);
        }
    }

    /// <summary>The limits of the data directory, or those that the environment says the server has.</summary>
    public Limits Limits => SettingsOptions.Of(Data).Api.Limits;

    /// <summary>What was asked for.</summary>
    /// <exception cref="CliException">Wrong usage.</exception>
    public static Target Of(ParseResult parsed)
    {
        string? data = parsed.GetResult(DataOption) is null ? null : parsed.GetValue(DataOption);
        string? given = parsed.GetValue(ServerOption);
        if (given is not null && data is not null)
        {
            throw CliException.Refused("usage", "Give either --server or --data.");
        }

        Uri[] servers = data is null ? ServerAddresses.ReadOrFromEnvironment(given) : [];
        string? key = parsed.GetValue(KeyOption) ?? Environment.GetEnvironmentVariable("ELASTICITY_KEY");
        return new Target(servers, string.IsNullOrEmpty(key) ? null : key, data ?? DataDirectory.Default);
    }

    /// <summary>Opens it to look only: works on a data directory that another process owns.</summary>
    public async Task<Access<IInspection>> ReadAsync(CancellationToken cancellationToken)
    {
        if (Servers is not [])
        {
            HttpElasticity client = Connect();
            return new Access<IInspection>(client, client.Dispose);
        }

        SqliteEventStore store = await OpenToLookAsync(cancellationToken);
        if (store.Jobs.NeedsRebuild)
        {
            await store.DisposeAsync();
            await using (await LocalEngine.OpenAsync(Data, cancellationToken))
            {
                // To own it is to make the derived list of jobs again.
            }

            store = await OpenToLookAsync(cancellationToken);
        }

        return new Access<IInspection>(
            new DirectoryInspection(new StoreInspection(store, TimeProvider.System)), store);
    }

    private async Task<SqliteEventStore> OpenToLookAsync(CancellationToken cancellationToken) =>
        await SqliteEventStore.OpenAsync(
            new SqliteEventStoreOptions { Directory = Data, IsReadOnly = true }, cancellationToken);

    /// <summary>Opens it for commands, and for questions that only an engine can answer. On a directory in which
    /// <c>run</c> is at work that one is asked.</summary>
    /// <param name="mayCreate">Whether a directory without data will do.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<Access<IElasticity>> OpenAsync(bool mayCreate, CancellationToken cancellationToken)
    {
        if (Servers is not [])
        {
            HttpElasticity client = Connect();
            return new Access<IElasticity>(client, client.Dispose);
        }

        if (!mayCreate && !DataDirectory.HasData(Data))
        {
            throw new CliException(
                ExitCode.Unavailable,
                "store-unavailable",
                $"'{Data}' holds no data yet. Name another directory with --data, or a server with --server.");
        }

        try
        {
            LocalEngine local = await LocalEngine.OpenAsync(Data, cancellationToken);
            return new Access<IElasticity>(local.Engine, local);
        }
        catch (EventStoreException e) when (e.Code == "store-locked")
        {
            return await ControlSocket.ConnectAsync(Data, Limits, cancellationToken)
                ?? throw new CliException(
                    ExitCode.Unavailable, e.Code, $"{e.Message} If that is a server, give its address: --server URL.");
        }
    }

    /// <summary>A client of the server.</summary>
    public HttpElasticity Connect() => new(
        new HttpElasticityOptions { Server = Servers[0], OtherServers = Servers[1..], ApiKey = Key, Limits = Limits });
}

/// <summary>Something opened, to be closed.</summary>
/// <typeparam name="T">What.</typeparam>
internal sealed class Access<T> : IAsyncDisposable
{
    private readonly IAsyncDisposable? _owner;
    private readonly Action? _close;

    /// <summary>Opened by an owner.</summary>
    public Access(T port, IAsyncDisposable owner)
    {
        Port = port;
        _owner = owner;
    }

    /// <summary>Closed by an action.</summary>
    public Access(T port, Action close)
    {
        Port = port;
        _close = close;
    }

    /// <summary>What was opened.</summary>
    public T Port { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _close?.Invoke();
        if (_owner is not null)
        {
            await _owner.DisposeAsync();
        }
    }
}
