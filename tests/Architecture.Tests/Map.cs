namespace Elasticity.Architecture.Tests;

/// <summary>The map of the repository: who may know whom. A new project is entered here first.</summary>
internal static class Map
{
    /// <summary>For each folder, the folders it may reference directly.</summary>
    public static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["src/Domain"] = [],
        ["src/EventStore"] = ["src/Domain"],
        ["src/EventStore.Sqlite"] = ["src/EventStore"],
        ["src/EventStore.PostgreSql"] = ["src/EventStore"],
        ["src/Engine"] = ["src/Domain", "src/EventStore"],
        ["src/Engine.Embedded"] = ["src/Engine"],
        ["src/Grains.Interfaces"] = ["src/Domain", "src/Engine"],
        ["src/Grains"] = ["src/Engine", "src/Grains.Interfaces"],
        ["src/Client"] = ["src/Engine", "src/Grains.Interfaces"],
        ["src/Client.Http"] = ["src/Contracts", "src/Engine"],
        ["src/Contracts"] = [],
        ["src/Agent.Sdk"] = ["src/Contracts"],
        ["src/Api"] = ["src/Contracts", "src/Engine"],
        ["src/Web"] = ["src/Contracts"],
        ["src/Server"] =
            ["src/Api", "src/Web", "src/Engine.Embedded", "src/EventStore.Sqlite", "src/EventStore.PostgreSql"],
        ["src/Silo"] = ["src/Agent.Sdk", "src/Api", "src/Web", "src/Client", "src/Grains", "src/EventStore.PostgreSql"],
        ["src/Silo.Cassandra"] = ["src/Silo"],
        ["src/Cli"] =
            [
                "src/Agent.Sdk", "src/Api", "src/Client.Http", "src/Contracts", "src/Engine.Embedded",
                "src/EventStore.PostgreSql", "src/EventStore.Sqlite", "src/Server",
            ],
    };

    /// <summary>Folders that need Microsoft.Orleans; the filter leaves them out.</summary>
    public static readonly string[] Orleans =
    [
        "src/Grains", "src/Grains.Interfaces", "src/Silo", "src/Client",
        "bench/ClusterBench", "samples/Cluster", "samples/SiloWithAgent", "tests/shows/Caller",
        "tests/Grains.Tests", "tests/Client.Tests", "tests/Silo.Tests",
        "src/Silo.Cassandra", "tests/Silo.Cassandra.Tests",
    ];

    /// <summary>Folders that need the Cassandra driver or its provider for Orleans; both filters leave them
    /// out.</summary>
    public static readonly string[] Cassandra = ["src/Silo.Cassandra", "tests/Silo.Cassandra.Tests"];

    /// <summary>Folders that the core filter leaves out.</summary>
    public static readonly string[] Quarantine = [.. Orleans.Union(Cassandra)];

    /// <summary>Programs whose tests are not named after them.</summary>
    public static readonly Dictionary<string, string> TestsOf = new()
    {
        ["sim/Simulator"] = "tests/Simulation.Tests",
        ["sim/Saboteur"] = "tests/Simulation.Tests",
    };

    /// <summary>Others that use a program: the silos with Cassandra or with an agent are the silo with more; the crash
    /// tests read their logs with the simulator's rules.</summary>
    public static readonly Dictionary<string, string[]> MayUsePrograms = new()
    {
        ["src/Silo.Cassandra"] = ["src/Silo"],
        ["tests/Crash.Tests"] = ["sim/Simulator"],
        ["samples/SiloWithAgent"] = ["src/Silo"],
        ["tests/Silo.Tests"] = ["samples/SiloWithAgent"],
    };

    /// <summary>Beginnings of package names, and the only folders in src that may use them.</summary>
    public static readonly Dictionary<string, string[]> PackageOwners = new()
    {
        ["CassandraCSharpDriver"] = ["src/Silo.Cassandra"],
        ["Microsoft.Data.Sqlite"] = ["src/EventStore.Sqlite"],
        ["Microsoft.Extensions.Hosting.Abstractions"] = ["src/Agent.Sdk"],
        ["Microsoft.Extensions.Http"] = ["src/Agent.Sdk"],
        ["Microsoft.Extensions.Logging.Abstractions"] =
            ["src/Agent.Sdk", "src/Engine.Embedded", "src/EventStore.PostgreSql", "src/EventStore.Sqlite"],
        ["Microsoft.Orleans."] = Orleans,
        ["Npgsql"] = ["src/EventStore.PostgreSql", "src/Silo"],
        ["SQLitePCLRaw."] = ["src/EventStore.Sqlite"],
        ["System.CommandLine"] = ["src/Cli"],
    };
}
