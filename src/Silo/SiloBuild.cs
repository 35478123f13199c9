namespace Elasticity.Silo;

/// <summary>What a program that is a silo was built with.</summary>
/// <param name="Name">What the program is called.</param>
/// <param name="Further">The clustering that it has besides those of every silo; null when there is none.</param>
internal sealed record SiloBuild(string Name, IClusteringChoice? Further = null)
{
    /// <summary>Clusterings that need packages which not every build has, and the programs that have them.</summary>
    private static readonly Dictionary<string, string> Programs = new(StringComparer.OrdinalIgnoreCase)
    {
        ["cassandra"] = "elasticity-silo-cassandra",
    };

    /// <summary>The silo without any of them.</summary>
    public static SiloBuild Plain { get; } = new("elasticity-silo");

    /// <summary>The agent that lives in it; null: none.</summary>
    public SiloAgent? Agent { get; init; }

    /// <summary>Every choice of this program.</summary>
    public IReadOnlyList<IClusteringChoice> Clusterings { get; } = Further is null
        ? [LocalhostClustering.Instance, PostgreSqlClustering.Instance]
        : [LocalhostClustering.Instance, PostgreSqlClustering.Instance, Further];

    /// <summary>Every option of this program, in the order of the help.</summary>
    public IReadOnlyList<SiloOption> Options => field ??= [.. SiloOptionTable.Of(this), .. Further?.Options ?? []];

    /// <summary>The other program that has a clustering, or the option of one: its name begins with that of the
    /// clustering.</summary>
    /// <returns>Its name; null when no program has it, or this one.</returns>
    public string? ElsewhereIs(string clusteringOrOption) =>
        Programs.FirstOrDefault(p => p.Value != Name
            && clusteringOrOption.StartsWith(p.Key, StringComparison.OrdinalIgnoreCase)).Value;
}
