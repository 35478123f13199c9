using Elasticity.Contracts;

namespace Elasticity.Cli.CommandLine;

/// <summary>What <c>--server</c> names: one address, or several of one cluster with commas between.</summary>
internal static class ServerAddresses
{
    /// <summary>Reads addresses.</summary>
    /// <param name="text">What was given.</param>
    /// <returns>At least one.</returns>
    /// <exception cref="CliException">Wrong usage.</exception>
    public static Uri[] Read(string text) => [.. text.Split(',').Select(ReadOne)];

    private static Uri ReadOne(string address) =>
        Uri.TryCreate(address.Trim(), UriKind.Absolute, out Uri? server) && ServerList.IsAddress(server)
        ? server
        : throw CliException.Refused(
            "usage",
            $"--server is an address such as http://localhost:8080, not '{address}'; several have commas between.");
}
