using System.Net;

namespace Elasticity.Silo;

/// <summary>A way for silos to become one cluster: a value of the option <c>Clustering</c>. One that needs packages of
/// its own is in a program of its own: <see cref="SiloBuild"/>.</summary>
internal interface IClusteringChoice
{
    /// <summary>The value of the option, in lower case.</summary>
    string Name { get; }

    /// <summary>Which silos are one cluster, for the reader of the help.</summary>
    string Meaning { get; }

    /// <summary>The options that only this choice has; what they say is kept in
    /// <see cref="SiloOptions.ClusteringSettings"/>.</summary>
    IReadOnlyList<SiloOption> Options => [];

    /// <summary>What is missing, or does not go together, when this choice is in force; null when nothing
    /// is.</summary>
    string? Problem(SiloOptions options);

    /// <summary>Prepares the place where members are kept, where that is not the database of the events. Harmless when
    /// it is ready.</summary>
    /// <returns>One sentence for whoever asked; null when there is nothing to prepare.</returns>
    /// <exception cref="ClusteringAwayException">It does not answer now.</exception>
    /// <exception cref="InvalidOperationException">It refuses, and will again; the message says what to do.</exception>
    Task<string?> MigrateAsync(SiloOptions options, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(null);

    /// <summary>Makes sure, before a silo is started, that this place answers and is prepared.</summary>
    /// <exception cref="ClusteringAwayException">It does not answer now.</exception>
    /// <exception cref="InvalidOperationException">It refuses, and will again; the message says what to do.</exception>
    Task CheckAsync(SiloOptions options, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Makes a silo find the others; may add an <see cref="IClusteringHealth"/>.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="address">Where others reach it.</param>
    void Configure(ISiloBuilder silo, SiloOptions options, IPAddress address);

    /// <summary>An SQL condition for the database of the events: that the others have declared a silo dead. Its appends
    /// are refused from then on.</summary>
    /// <param name="options">How it runs.</param>
    /// <param name="silo">The silo, in this life of it.</param>
    /// <returns>Null where the members are not in that database.</returns>
    string? IsDead(SiloOptions options, SiloAddress silo) => null;
}
