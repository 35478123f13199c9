using System.Collections.Immutable;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Jobs;

/// <summary>What a submit may not hold.</summary>
public class SubmitLimitsTests
{
    private static readonly string Digest = new('0', 64);

    public static TheoryData<string, string> BadHeaders => new()
    {
        { "name", RejectionCode.LimitExceeded },
        { "labels", RejectionCode.LimitExceeded },
        { "label key", RejectionCode.LimitExceeded },
        { "label value", RejectionCode.LimitExceeded },
        { "policy", RejectionCode.Invalid },
        { "rule", RejectionCode.Invalid },
    };

    [Fact]
    public void A_job_has_a_limit_of_tasks()
    {
        GivenJob.Nothing.When(Open() with { TaskCount = 1_000_000 })
            .Records(new JobEvent.Opened(T0, Header(), Digest, 1_000_000));
        GivenJob.Nothing.When(Open() with { TaskCount = 1_000_001 }).IsRefused(RejectionCode.LimitExceeded);
    }

    [Fact]
    public void A_job_does_not_have_fewer_than_no_tasks() =>
        GivenJob.Nothing.When(Open() with { TaskCount = -1 }).IsRefused(RejectionCode.Invalid);

    [Theory]
    [InlineData("")]
    [InlineData("0123")]
    [InlineData("g000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("A000000000000000000000000000000000000000000000000000000000000000")]
    public void A_digest_that_no_tasks_can_have_is_refused_before_they_are_sent(string digest) =>
        GivenJob.Nothing.When(Open() with { Digest = digest }).IsRefused(RejectionCode.Invalid);

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("ä")]
    public void A_job_id_is_of_plain_letters(string id) =>
        Assert.Equal(
            RejectionCode.Invalid,
            JobDecider.Decide(new JobId(id), JobState.None, Open(), Limits.Default).Rejection!.Code);

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void A_header_has_limits(string what, string code)
    {
        JobHeader header = what switch
        {
            "name" => Header() with { Name = new string('n', 257) },
            "labels" => Header() with { Labels = Labels(33) },
            "label key" => Header() with { Labels = Label(string.Empty, "v") },
            "label value" => Header() with { Labels = Label("k", new string('v', 257)) },
            "policy" => Header(new JobPolicy { Priority = 1_001 }),
            "rule" => Header(new JobPolicy { OnDeadLetter = (DeadLetterRule)9 }),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };

        GivenJob.Nothing.When(Open() with { Header = header }).IsRefused(code);
    }

    [Fact]
    public void A_header_at_its_limits_is_accepted() =>
        Assert.Null(GivenJob.Nothing.When(Open() with
        {
            Header = Header() with { Name = new string('n', 256), Labels = Labels(32) },
        }).Decision.Rejection);

    [Fact]
    public void A_chunk_has_a_limit_of_tasks()
    {
        Limits limits = Limits.Default with { TasksPerChunkMax = 2 };

        Add(limits, Spec(), Spec()).Records(Added(Spec(), Spec()));
        Add(limits, Spec(), Spec(), Spec()).IsRefused(RejectionCode.LimitExceeded);
    }

    [Fact]
    public void A_chunk_has_a_limit_of_bytes_that_a_single_large_payload_may_exceed()
    {
        Limits limits = Limits.Default with { ChunkBytesMax = 4 };
        TaskSpec small = Spec() with { Payload = Payload.FromJson("12") };
        TaskSpec large = Spec() with { Payload = Payload.FromJson("12345") };

        Add(limits, small, small).Records(Added(small, small));
        Add(limits, small, small, small).IsRefused(RejectionCode.LimitExceeded);
        Add(limits, large).Records(Added(large));
        Add(limits, large, Spec()).IsRefused(RejectionCode.LimitExceeded);
    }

    [Fact]
    public void A_payload_has_a_limit() =>
        Add(Limits.Default with { PayloadBytesMax = 1 }, Spec() with { Payload = Payload.FromJson("12") })
            .IsRefused(RejectionCode.LimitExceeded);

    [Fact]
    public void A_task_has_a_limit_of_dependencies()
    {
        Limits limits = Limits.Default with { DependenciesPerTaskMax = 1 };

        Add(limits, Spec(), Spec(0)).Records(Added(Spec(), Spec(0)));
        Add(limits, Spec(), Spec(), Spec(0, 1)).IsRefused(RejectionCode.LimitExceeded);
    }

    [Fact]
    public void A_job_has_a_limit_of_dependencies_over_all_its_chunks()
    {
        Limits limits = Limits.Default with { DependenciesPerJobMax = 2 };
        TaskSpec[] tasks = [Spec(), Spec(0), Spec(0), Spec(0)];
        GivenJob begun = GivenJob.Opened(tasks).Adding(0, tasks[..2]);

        Assert.Null(begun.When(new JobCommand.AddTasks(T0, 2, [Spec(0)]), limits).Decision.Rejection);
        begun.When(new JobCommand.AddTasks(T0, 2, [Spec(0), Spec(0)]), limits)
            .IsRefused(RejectionCode.LimitExceeded);
    }

    [Fact]
    public void A_task_is_named_in_the_refusal_of_its_chunk()
    {
        TaskSpec[] tasks = [Spec(), Spec() with { Kind = "no kind" }];

        Rejection rejection = Add(Limits.Default, tasks).IsRefused(RejectionCode.Invalid).Decision.Rejection!;

        Assert.StartsWith("Task 1: ", rejection.Detail);
    }

    [Theory]
    [InlineData("")]
    [InlineData("My.Class`1")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public void A_kind_is_a_short_plain_word(string kind) =>
        Assert.Equal(RejectionCode.Invalid, (Spec() with { Kind = kind }).Problem(Limits.Default)?.Code);

    [Theory]
    [InlineData(0.5, null)]
    [InlineData(86401.0, null)]
    [InlineData(null, -1001)]
    [InlineData(null, 1001)]
    public void A_lease_length_and_a_priority_have_a_range(double? seconds, int? priority)
    {
        TimeSpan? length = seconds is { } given ? TimeSpan.FromSeconds(given) : null;
        TaskSpec task = Spec() with { LeaseLength = length, Priority = priority };

        Assert.Equal(RejectionCode.Invalid, task.Problem(Limits.Default)?.Code);
        Assert.NotNull(new JobPolicy { LeaseLength = length, Priority = priority }.Problem());
    }

    [Fact]
    public void The_ends_of_the_ranges_belong_to_them()
    {
        Assert.Null((Spec() with { LeaseLength = TaskTerms.LeaseLengthMin, Priority = -1000 }).Problem(Limits.Default));
        Assert.Null((Spec() with { LeaseLength = TaskTerms.LeaseLengthMax, Priority = 1000 }).Problem(Limits.Default));
    }

    [Fact]
    public void A_bad_retry_policy_is_refused() =>
        Assert.Equal(
            RejectionCode.Invalid,
            (Spec() with { Retry = new RetryPolicy { AttemptsMax = 0 } }).Problem(Limits.Default)?.Code);

    [Fact]
    public void The_ends_of_the_limits_of_a_task_belong_to_them() => Assert.Null(
        (Spec() with
        {
            Kind = new string('k', 64), Name = new string('n', 256), Payload = Payload.FromJson("12"),
        }).Problem(Limits.Default with { PayloadBytesMax = 2 }));

    [Fact]
    public void Labels_can_be_shown_and_stored_anywhere()
    {
        Labelled(Label("a\nb", "v")).IsRefused(RejectionCode.Invalid);
        Labelled(Label("k", "a\0b")).IsRefused(RejectionCode.Invalid);
        Assert.Null(Labelled(Label(new string('k', 256), new string('v', 256))).Decision.Rejection);

        static Then<JobEvent> Labelled(ImmutableSortedDictionary<string, string> labels) =>
            GivenJob.Nothing.When(Open() with { Header = Header() with { Labels = labels } });
    }

    [Fact]
    public void A_chunk_has_a_mebibyte_and_a_payload_256_kibibytes()
    {
        TaskSpec[] full = [.. Enumerable.Repeat(Bytes(256 * 1024), 4)];

        Assert.Null(Add(Limits.Default, full).Decision.Rejection);
        Add(Limits.Default, [.. full, Bytes(1)]).IsRefused(RejectionCode.LimitExceeded);
        Add(Limits.Default, Bytes((256 * 1024) + 1)).IsRefused(RejectionCode.LimitExceeded);

        static TaskSpec Bytes(int length) => Spec() with { Payload = new Payload(new byte[length]) };
    }

    [Fact]
    public void The_task_that_depends_on_nothing_that_is_there_is_named_by_its_index_in_the_job()
    {
        TaskSpec[] tasks = [Spec(), Spec(), Spec(7)];

        Rejection? rejection = GivenJob.Opened(tasks).Adding(0, tasks[..1])
            .When(new JobCommand.AddTasks(T0, 1, [.. tasks[1..]])).IsRefused(RejectionCode.DependencyUnknown)
            .Decision.Rejection;

        Assert.StartsWith("Task 2 depends on task 7, ", rejection!.Detail);
    }

    [Fact]
    public void A_name_has_a_limit() =>
        Assert.Equal(
            RejectionCode.LimitExceeded,
            (Spec() with { Name = new string('n', 257) }).Problem(Limits.Default)?.Code);

    private static JobCommand.Open Open() => new(T0, Header(), Digest, 1);

    private static Then<JobEvent> Add(Limits limits, params TaskSpec[] tasks) =>
        GivenJob.Opened(tasks).When(new JobCommand.AddTasks(T0, 0, [.. tasks]), limits);

    private static JobEvent.TasksAdded Added(params TaskSpec[] tasks) =>
        new(T0, 0, [.. tasks], JobDigest.Of(JobPolicy.Default, tasks));

    private static ImmutableSortedDictionary<string, string> Label(string key, string value) =>
        ImmutableSortedDictionary<string, string>.Empty.Add(key, value);

    private static ImmutableSortedDictionary<string, string> Labels(int count) =>
        Enumerable.Range(0, count).ToImmutableSortedDictionary(i => $"k{i}", _ => "v");
}
