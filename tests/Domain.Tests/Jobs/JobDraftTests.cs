using System.Collections.Immutable;
using Elasticity.Domain.Jobs;
using Xunit;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>A job as people write it.</summary>
public class JobDraftTests
{
    [Fact]
    public void Names_and_indexes_become_indexes()
    {
        DraftResolution resolved = Resolve(Task("fetch"), Task(null, 0), Task("report", "fetch", 1));

        Assert.Null(resolved.Rejection);
        Assert.Equal([[], [0], [0, 1]], resolved.Tasks.Select(t => t.DependsOn.ToArray()));
        Assert.Equal(["fetch", null, "report"], resolved.Tasks.Select(t => t.Name));
    }

    [Fact]
    public void A_task_may_depend_on_a_later_one() =>
        Assert.Equal([1], Resolve(Task(null, "last"), Task("last")).Tasks[0].DependsOn.ToArray());

    [Fact]
    public void A_name_of_digits_is_a_name() =>
        Assert.Equal([1], Resolve(Task(null, "0"), Task("0")).Tasks[0].DependsOn.ToArray());

    [Fact]
    public void Without_a_copy_it_is_the_same_job()
    {
        JobDraft draft = Draft([Task("fetch"), Task(null, 0, "report"), Task("report", "fetch"), Task(null)]);

        DraftResolution inPlace = draft.ResolveInPlace(Limits.Default);

        Assert.Null(inPlace.Rejection);
        Assert.Equal([[], [0, 2], [0], []], inPlace.Tasks.Select(t => t.DependsOn.ToArray()));
        Assert.Equal(
            JobDigest.Of(JobPolicy.Default, draft.Resolve(Limits.Default).Tasks),
            JobDigest.Of(JobPolicy.Default, inPlace.Tasks));
        Assert.Same(draft.Tasks[3].Spec, inPlace.Tasks[3]);
    }

    [Fact]
    public void A_copy_is_made_once()
    {
        DraftResolution resolved = Resolve(Task(null), Task(null, 0));

        Assert.Same(resolved.Tasks[1], resolved.Tasks[1]);
    }

    [Fact]
    public void A_job_may_be_empty()
    {
        DraftResolution resolved = Resolve();

        Assert.Null(resolved.Rejection);
        Assert.Empty(resolved.Tasks);
    }

    [Fact]
    public void Two_tasks_cannot_have_one_name() => Rejected("invalid", Task("a"), Task("a"));

    [Fact]
    public void A_dependency_must_be_in_the_job()
    {
        Rejected("dependency-unknown", Task(null, "b"));
        Rejected("dependency-unknown", Task(null, 1));
        Rejected("dependency-unknown", Task(null, -1));
    }

    [Theory]
    [InlineData("nobody", -2, "Task 1 depends on 'nobody', which")]
    [InlineData(null, -1, "Task 1 depends on task -1, which")]
    [InlineData(null, 3, "Task 1 depends on task 3, which")]
    public void A_dependency_must_be_in_a_job_of_several_tasks(string? name, int index, string detail)
    {
        TaskDraft dependent = new(new TaskSpec { Kind = "x" }, [new TaskLink(index, name)]);
        TaskDraft other = new(new TaskSpec { Kind = "x" });

        Rejection? rejection = Draft([other, dependent, other]).Resolve(Limits.Default).Rejection;

        Assert.Equal("dependency-unknown", rejection?.Code);
        Assert.StartsWith(detail, rejection!.Detail);
    }

    [Theory]
    [InlineData(-1, "dependency-unknown")]
    [InlineData(0, null)]
    [InlineData(1, "dependency-cycle")]
    [InlineData(2, "dependency-unknown")]
    public void Indexes_are_checked_without_names_too(int index, string? code)
    {
        TaskSpec[] tasks = [new TaskSpec { Kind = "x" }, new TaskSpec { Kind = "x", DependsOn = [index] }];

        Assert.Equal(code, JobDraft.ProblemOf(tasks, Limits.Default)?.Code);
    }

    [Fact]
    public void Dependencies_that_were_not_set_are_none() =>
        Assert.Null(JobDraft.ProblemOf([new TaskSpec { Kind = "x", DependsOn = default }], Limits.Default));

    [Fact]
    public void Dependencies_form_no_cycle()
    {
        Rejected("dependency-cycle", Task(null, 0));
        Rejected("dependency-cycle", Task("a", "c"), Task("b", "a"), Task("c", "b"), Task("d"));
    }

    [Fact]
    public void A_dependency_named_twice_is_no_cycle() =>
        Assert.Null(Resolve(Task("a"), Task(null, "a", 0)).Rejection);

    [Fact]
    public void Each_task_is_checked_before_anything_is_stored()
    {
        DraftResolution resolved = Resolve(Task("a"), new TaskDraft(new TaskSpec { Kind = "not a kind" }));

        Assert.Equal("invalid", resolved.Rejection?.Code);
        Assert.StartsWith("Task 1: ", resolved.Rejection!.Detail);
    }

    [Fact]
    public void A_job_has_limits()
    {
        TaskDraft[] three = [Task(null), Task(null, 0), Task(null, 0, 1)];

        Assert.Equal("limit-exceeded", Draft(three).Resolve(new Limits { TasksPerJobMax = 2 }).Rejection?.Code);
        Assert.Equal("limit-exceeded", Draft(three).Resolve(new Limits { DependenciesPerJobMax = 2 }).Rejection?.Code);
        Assert.Equal("limit-exceeded", Draft(three).Resolve(new Limits { DependenciesPerTaskMax = 1 }).Rejection?.Code);
        Assert.Null(Draft(three).Resolve(new Limits { TasksPerJobMax = 3, DependenciesPerJobMax = 3 }).Rejection);
    }

    [Theory]
    [InlineData("line\nbreak")]
    [InlineData("nul\0")]
    public void A_name_can_be_shown_and_stored_anywhere(string name) => Rejected("invalid", Task(name));

    // Not as inline data: halves of characters do not survive in the metadata of an assembly.
    [Fact]
    public void A_name_has_no_halves_of_characters()
    {
        Rejected("invalid", Task("half" + (char)0xd800));
        Rejected("invalid", Task((char)0xdc00 + "half"));
        Rejected("invalid", Task((char)0xd800 + "half"));
    }

    [Fact]
    public void A_name_may_be_in_any_script() => Assert.Null(Resolve(Task("Größe \U0001F600 大")).Rejection);

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    public void An_id_can_stand_in_an_address(string id) => Assert.False(Identifier.IsValid(id));

    private static void Rejected(string code, params TaskDraft[] tasks)
    {
        DraftResolution resolved = Resolve(tasks);
        Assert.Equal(code, resolved.Rejection?.Code);
        Assert.Matches("^[A-Z].+[.]$", resolved.Rejection!.Detail);
        Assert.Empty(resolved.Tasks);
    }

    private static DraftResolution Resolve(params TaskDraft[] tasks) => Draft(tasks).Resolve(Limits.Default);

    private static JobDraft Draft(TaskDraft[] tasks) => new(
        new JobHeader(string.Empty, JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty), tasks);

    private static TaskDraft Task(string? name, params object[] dependsOn) => new(
        new TaskSpec { Kind = "work", Name = name },
        [.. dependsOn.Select(d => d is int index ? new TaskLink(index) : new TaskLink(-1, (string)d))]);
}
