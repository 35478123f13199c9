using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tests.Support;
using FsCheck;
using FsCheck.Fluent;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>The graph in flat arrays against the same in lists.</summary>
public class DependencyGraphProperties
{
    private static readonly Gen<int[][]> Graphs =
        from count in Gen.Choose(1, 12)
        from dependencies in Gen.ArrayOf(Gen.ArrayOf(Gen.Choose(0, count - 1)).Resize(3), count)
        select dependencies;

    // Each depends on earlier ones only.
    private static readonly Gen<int[][]> Acyclic =
        from graph in Graphs
        select graph.Select((all, i) => all.Where(d => d < i).ToArray()).ToArray();

    [Fact]
    public void Both_ways_are_what_the_tasks_say() =>
        Always.Holds(Acyclic, dependencies =>
        {
            JobState state = GivenJob.With(Specs(dependencies)).State;
            for (int i = 0; i < dependencies.Length; i++)
            {
                int[] needs = [.. dependencies[i].Distinct()];
                int[] neededBy = [.. Enumerable.Range(0, dependencies.Length).Where(d => dependencies[d].Contains(i))];

                Assert.Equal(needs, state.Graph is null ? [] : state.Graph.DependenciesOf(i).ToArray());
                Assert.Equal(neededBy, state.Graph is null ? [] : state.Graph.DependentsOf(i).ToArray());
                Assert.Equal(needs.Length == 0 ? JobTaskStatus.Released : JobTaskStatus.Blocked, state.Status[i]);
            }
        });

    [Fact]
    public void The_cut_into_chunks_does_not_matter() =>
        Always.Holds(
            from dependencies in Acyclic
            from cut in Gen.Choose(0, dependencies.Length)
            select (dependencies, cut),
            given =>
            {
                TaskSpec[] tasks = Specs(given.dependencies);
                JobState whole = GivenJob.With(tasks).State;
                JobState cut = GivenJob.Opened(tasks)
                    .Adding(0, tasks[..given.cut]).Adding(given.cut, tasks[given.cut..])
                    .And(new JobEvent.Sealed(T0)).State;

                Assert.Equal(whole.Digest, cut.DigestSoFar);
                for (int i = 0; i < tasks.Length; i++)
                {
                    Assert.Equal(whole.Status[i], cut.Status[i]);
                    Assert.Equal(Unmet(whole, i), Unmet(cut, i));
                    Assert.Equal(whole.Graph?.DependentsOf(i).ToArray(), cut.Graph?.DependentsOf(i).ToArray());
                }
            });

    [Fact]
    public void A_cycle_is_found_exactly_when_there_is_one() =>
        Always.Holds(Graphs, dependencies =>
        {
            TaskSpec[] tasks = Specs(dependencies);
            Then<JobEvent> then = GivenJob.Opened(tasks).Adding(0, tasks).When(new JobCommand.Seal(T0));

            if (HasCycle(dependencies))
            {
                then.IsRefused(RejectionCode.DependencyCycle);
            }
            else
            {
                then.Records(new JobEvent.Sealed(T0));
            }
        });

    private static int Unmet(JobState state, int index) => state.Graph is null ? 0 : state.Unmet[index];

    private static TaskSpec[] Specs(int[][] dependencies) => [.. dependencies.Select(d => Spec(d))];

    // Strikes out tasks that need none of those left; what cannot be struck out is on or behind a cycle.
    private static bool HasCycle(int[][] dependencies)
    {
        HashSet<int> left = [.. Enumerable.Range(0, dependencies.Length)];
        while (left.RemoveWhere(i => !dependencies[i].Any(left.Contains)) > 0)
        {
        }

        return left.Count > 0;
    }
}
