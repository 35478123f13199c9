using Xunit;

namespace Elasticity.Architecture.Tests;

/// <summary>What <c>.ci/run</c> builds where packages are missing, decided by <c>.ci/choose.sh</c>.</summary>
public class ChoiceTests
{
    private const string Driver = "NU1101: Unable to find package CassandraCSharpDriver. No packages exist with it";

    private const string Provider =
        "NU1102: Unable to find package Microsoft.Orleans.Clustering.Cassandra with version (>= 10.4.2)";

    private const string Silo = "NU1101: Unable to find package Microsoft.Orleans.Server. No packages exist with it";
    private const string Downgrade = "NU1605: Warning As Error: Detected package downgrade: Npgsql from 10 to 9";
    private const string Other = "NU1101: Unable to find package Npgsql. No packages exist with it";
    private const string Compiler = "MSB4025: The project file could not be loaded";

    [Theory]
    [InlineData("Elasticity.NoCassandra.slnf", Driver, Provider)]
    [InlineData("Elasticity.NoCassandra.slnf", Driver)]
    [InlineData("Elasticity.NoCassandra.slnf", Provider, Downgrade)]
    [InlineData("Elasticity.Core.slnf", Silo)]
    [InlineData("Elasticity.Core.slnf", Driver, Provider, Silo, Downgrade)]
    [InlineData("", Other)]
    [InlineData("", Driver, Other)]
    [InlineData("", Silo, Other)]
    [InlineData("", Driver, Compiler)]
    [InlineData("", Downgrade)]
    [InlineData("")]
    public void A_restore_that_failed_is_judged_by_what_is_missing(string solution, params string[] errors) =>
        Assert.Equal(solution, Choose(1, [.. errors.Select(e => $"/src/X.csproj : error {e} [/X.sln]")]));

    [Fact]
    public void A_restore_that_succeeded_means_everything() =>
        Assert.Equal("Elasticity.Orleans.sln", Choose(0, ["  Restored /src/X.csproj (in 1 sec)."]));

    private static string Choose(int status, string[] lines)
    {
        (string said, int exitCode) = CiScript.Run("choose.sh", $"solution_after {status}", lines);
        Assert.Equal(said.Length == 0, exitCode != 0);
        return said;
    }
}
