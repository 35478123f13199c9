using System.Text.Json;
using Xunit;

namespace Elasticity.Architecture.Tests;

/// <summary>Who may know whom, held against the project files.</summary>
public class FenceTests
{
    [Fact]
    public void Every_project_in_src_is_on_the_map() =>
        Offences.None(Repository.Projects()
            .Select(Repository.Folder)
            .Where(f => f.StartsWith("src/", StringComparison.Ordinal) && !Map.MayReference.ContainsKey(f)));

    [Fact]
    public void Nobody_references_what_the_map_does_not_allow() =>
        Offences.None(
            from project in Repository.Projects()
            let folder = Repository.Folder(project)
            where Map.MayReference.ContainsKey(folder)
            from target in Repository.ProjectsOf(project)
            where !Map.MayReference[folder].Contains(target)
            select $"{folder} references {target}");

    [Fact]
    public void Nothing_points_at_an_executable_but_its_own_tests() =>
        Offences.None(
            from project in Repository.Projects()
            let folder = Repository.Folder(project)
            from target in Repository.ProjectsOf(project)
            where Repository.IsExecutable(target) && folder != TestsOf(target)
                && !Map.MayUsePrograms.GetValueOrDefault(folder, []).Contains(target)
            select $"{folder} references {target}");

    [Fact]
    public void Nothing_in_src_points_out_of_src() =>
        Offences.None(
            from project in Repository.Projects()
            where project.StartsWith("src/", StringComparison.Ordinal)
            from target in Repository.ProjectsOf(project)
            where !target.StartsWith("src/", StringComparison.Ordinal)
            select $"{project} references {target}");

    [Fact]
    public void Packages_in_src_are_used_by_their_owners_only() =>
        Offences.None(
            from project in Repository.Projects()
            where project.StartsWith("src/", StringComparison.Ordinal)
            from package in Repository.PackagesOf(project)
            where !OwnersOf(package).Contains(Repository.Folder(project))
            select $"{project} references {package}");

    [Fact]
    public void Quarantined_packages_stay_in_their_folders() =>
        Offences.None(
            from project in Repository.Projects()
            let folder = Repository.Folder(project)
            from package in Repository.PackagesOf(project)
            where (IsNamed(package, "Microsoft.Orleans") && !Map.Orleans.Contains(folder))
                || (IsCassandra(package) && !Map.Cassandra.Contains(folder))
            select $"{folder} references {package}");

    [Fact]
    public void Nothing_outside_the_quarantine_references_into_it() =>
        Offences.None(
            from project in Repository.Projects()
            let folder = Repository.Folder(project)
            where !Map.Quarantine.Contains(folder)
            from target in Repository.ProjectsOf(project)
            where Map.Quarantine.Contains(target)
            select $"{folder} references {target}");

    [Fact]
    public void The_core_filter_is_every_project_outside_the_quarantine() =>
        Assert.Equal(
            Repository.Projects()
                .Where(p => !Map.Quarantine.Contains(Repository.Folder(p)))
                .Order(StringComparer.Ordinal),
            FilteredProjects("Elasticity.Core.slnf").Order(StringComparer.Ordinal));

    [Fact]
    public void The_filter_without_Cassandra_is_every_project_that_needs_no_package_of_it()
    {
        string[] needy = [.. Repository.Projects().Where(NeedsCassandra)];

        Assert.NotEmpty(needy);
        Assert.Equal(
            Repository.Projects().Except(needy).Order(StringComparer.Ordinal),
            FilteredProjects("Elasticity.NoCassandra.slnf").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_solution_is_every_project()
    {
        string solution = Repository.Read("Elasticity.Orleans.sln").Replace('\\', '/');

        Offences.None(Repository.Projects().Where(p => !solution.Contains($"\"{p}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_project_is_named_after_its_folder() =>
        Offences.None(Repository.Projects()
            .Where(p => Path.GetFileName(p) != $"Elasticity.{Path.GetFileName(Repository.Folder(p))}.csproj"));

    private static string TestsOf(string program) =>
        Map.TestsOf.GetValueOrDefault(program, $"tests/{Path.GetFileName(program)}.Tests");

    private static string[] FilteredProjects(string file)
    {
        using var filter = JsonDocument.Parse(Repository.Read(file));
        JsonElement projects = filter.RootElement.GetProperty("solution").GetProperty("projects");
        return [.. projects.EnumerateArray().Select(p => p.GetString()!)];
    }

    // Itself, or through a project that it references.
    private static bool NeedsCassandra(string project) =>
        Repository.PackagesOf(project).Any(IsCassandra)
        || Repository.ProjectsOf(project).Any(f => Repository.Under(f, "*.csproj").Any(NeedsCassandra));

    private static bool IsCassandra(string package) =>
        IsNamed(package, "CassandraCSharpDriver") || IsNamed(package, "Microsoft.Orleans.Clustering.Cassandra");

    private static string[] OwnersOf(string package) =>
        [.. Map.PackageOwners.Where(entry => IsNamed(package, entry.Key)).SelectMany(entry => entry.Value)];

    // Package names ignore case. "Npgsql" also owns "Npgsql.DependencyInjection", but not "NpgsqlRest".
    private static bool IsNamed(string package, string owned) =>
        package.Equals(owned, StringComparison.OrdinalIgnoreCase)
        || package.StartsWith(owned.TrimEnd('.') + ".", StringComparison.OrdinalIgnoreCase);
}
