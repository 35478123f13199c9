using Elasticity.Saboteur;
using Xunit;

namespace Elasticity.Simulation.Tests;

/// <summary>The faults that are put in on purpose still fit the code. Whether each is found takes minutes:
/// <c>dotnet run build.cs -- faults</c>.</summary>
public class FaultTableTests
{
    public static TheoryData<string> Names() => [.. Faults.All.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_fault_fits_the_code(string name) => Assert.All(
        Faults.All.Single(f => f.Name == name).Edits.GroupBy(e => e.File),
        edits => Assert.NotNull(edits.Aggregate(
            File.ReadAllText(Path.Combine(Repository.Root, edits.Key)), (text, edit) => edit.Change(text)!)));

    [Fact]
    public void Each_is_told_to_people_with_what_it_is_found_as() => Assert.Equal(
        Faults.All.Select(f => f.Name).Order(StringComparer.Ordinal),
        FaultTable.Read(Repository.Root).Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void There_are_at_least_twelve() => Assert.InRange(Faults.All.Length, 12, int.MaxValue);
}
