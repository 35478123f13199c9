using Elasticity.Contracts;

namespace Elasticity.Cli.CommandLine;

/// <summary>What <c>--server</c> names: one address, or several of one cluster with commas between.</summary>
internal static class ServerAddresses
{
    private const string Variable = "ELASTICITY_SERVER";

    /// <summary>Reads addresses.</summary>
    /// <param name="text">What was given.</param>
    /// <returns>At least one.</returns>
    /// <exception cref="CliException">Wrong usage.</exception>
    public static Uri[] Read(string text) => [.. text.Split(',').Select(ReadOne)];

    /// <summary>Reads what was given, or else what the environment says.</summary>
    /// <param name="given">What was given; null for nothing.</param>
    /// <returns>None when nobody says any.</returns>
    /// <exception cref="CliException">Wrong usage.</exception>
    public static Uri[] ReadOrFromEnvironment(string? given) =>
        (given ?? Environment.GetEnvironmentVariable(Variable)) is { Length: > 0 } text ? Read(text) : [];

    private static Uri ReadOne(string address) =>
        Uri.TryCreate(address.Trim(), UriKind.Absolute, out Uri? server) && ServerList.IsAddress(server)
        ? server
        : throw CliException.Refused(
            "usage",
            $"--server is an address such as http://localhost:8080, not '{address}'; several have commas between.");
}
