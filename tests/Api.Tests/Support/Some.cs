using System.Collections.Immutable;
using System.Text;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Api.Tests.Support;

/// <summary>Things that need no thought.</summary>
internal static class Some
{
    public static readonly DateTimeOffset T0 = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static EngineStatus Status { get; } =
        new("serving", IsReady: true, null, null, TimeSpan.Zero, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

    public static JobSummary Job(string id = "job-1", string state = "open", long version = 3) => new(
        new JobId(id),
        "Résumé",
        state,
        IsPaused: false,
        2,
        new TaskCounts(0, 1, 0, 1, 0, 0, 0),
        new JobPolicy { OnDeadLetter = DeadLetterRule.FailFast, LeaseLength = TimeSpan.FromSeconds(90) },
        ImmutableSortedDictionary<string, string>.Empty.Add("team", "blue"),
        T0,
        T0.AddSeconds(1),
        state is "succeeded" or "failed" or "cancelled" ? T0.AddSeconds(2) : null,
        version);

    public static TaskView Task(TaskId id, string state = "succeeded") => new(
        id, "first", "resize", state, 0, [], null, 1, 0, 0, 0, 1, null, null, null, null, null, T0, T0.AddSeconds(2), 2,
        Payload.FromJson("""{ "width" : 100 }"""), Payload.FromJson("""[ "done" ]"""));

    public static AgentView Agent(string id = "agent-1", string session = "s-1") => new(
        new AgentId(id),
        new SessionId(session),
        "live",
        new AgentOffer(["resize"], 2, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false),
        T0,
        TimeSpan.FromSeconds(1.5),
        1);

    public static LeasedTask Leased(int index) => new(
        new TaskId(new JobId("job-1"), index),
        null,
        "resize",
        Payload.FromJson($$"""{ "n" : {{index}} }"""),
        1,
        1,
        7,
        TimeSpan.FromSeconds(30));

    public static StoredEvent Event(long version, string type = "job-sealed-1") => new(
        new StreamId("job/job-1"),
        version,
        new EventRecord(
            type, ReadOnlyMemory<byte>.Empty, Encoding.UTF8.GetBytes($$"""{"n":{{version}}}"""), default, default));
}
