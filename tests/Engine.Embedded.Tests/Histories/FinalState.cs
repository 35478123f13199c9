using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore.Codec;

namespace Elasticity.Engine.Embedded.Tests.Histories;

/// <summary>
/// What a history comes to: each stream folded by today's codec and deciders, as text. The text of a released history
/// never changes, so a new fact gets a line of its own that is left out where there is nothing to say.
/// </summary>
internal static class FinalState
{
    public static string Of(IReadOnlyList<HistoryStream> streams)
    {
        StringBuilder text = new();
        foreach (HistoryStream stream in streams)
        {
            text.Append(stream.Stream.Value).Append('\n');
            foreach (string line in Lines(stream))
            {
                text.Append("  ").Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    private static IEnumerable<string> Lines(HistoryStream stream) => stream.Stream.Value.Split('/')[0] switch
    {
        "agent" => Agent(stream.Events.Aggregate(
            AgentState.None, (s, e) => AgentDecider.Evolve(s, EventCodec.Default.DecodeAgent(e)))),
        "task" => Task(stream.Events.Aggregate(
            TaskState.Untouched, (s, e) => TaskDecider.Evolve(s, EventCodec.Default.DecodeTask(e)))),
        _ => Job([.. stream.Events.Select(EventCodec.Default.DecodeJob)]),
    };

    private static IEnumerable<string> Agent(AgentState state)
    {
        yield return $"{state.Phase}, session {state.Session} since {At(state.RegisteredAt)}, {state.EndReason}";
        yield return $"before: {List(state.Former)}";
        yield return $"kinds {List(state.Offer!.Kinds)}; {state.Offer.Slots} slots; {List(state.Offer.Labels)}";
    }

    private static IEnumerable<string> Task(TaskState state)
    {
        yield return $"{state.Phase}, run {state.Run}, token {state.Token}, outcome {state.Outcome}";
        yield return $"{state.Failures} failures, {state.LeasesLost} lost, {state.LeasesExpired} expired";
        yield return $"from {At(state.StartedAt)} to {At(state.EndedAt)}, again at {At(state.RetryAt)}";
        if (state.Terms is { } terms)
        {
            yield return $"kind {terms.Kind}, priority {terms.Priority}, leases of {terms.EffectiveLeaseLength}";
            yield return $"retry {Retry(terms.EffectiveRetry)}";
        }

        if (state.Lease is { } lease)
        {
            yield return $"leased by {lease.Agent} {lease.Session} for {lease.Request}, attempt {lease.Attempt}";
        }

        foreach (string line in Ends(state))
        {
            yield return line;
        }
    }

    private static IEnumerable<string> Ends(TaskState state)
    {
        yield return $"settled {List(state.Settled.Select(s => s.Token))}; refused {List(state.RefusedTokens)}";
        yield return $"stop asked: {state.IsCancelRequested}; dead-lettered: {state.DeadLetterReason}; "
            + $"skipped because of {state.SkipCause}";
        if (state.LastFailure is { } failure)
        {
            yield return $"failure {failure.Code} final {failure.IsFinal}: {failure.Message}";
        }

        if (state.LastSettlement is Settlement.Succeeded succeeded)
        {
            yield return $"result {succeeded.Result}";
        }
        else if (state.LastSettlement is Settlement.Failed failed)
        {
            yield return $"result of the failure {failed.Result}";
        }
    }

    private static IEnumerable<string> Job(ImmutableArray<JobEvent> events)
    {
        JobState state = events.Aggregate(JobState.None, JobDecider.Evolve);
        yield return $"{JobDecider.Word(state.Phase)}, version {state.Version}, trimmed {state.IsTrimmed}, "
            + $"paused {state.IsPaused}";
        yield return $"name '{state.Header.Name}', labels {List(state.Header.Labels)}";
        JobPolicy policy = state.Header.Policy;
        yield return $"policy {policy.OnDeadLetter}, leases of {policy.LeaseLength}, priority {policy.Priority}, "
            + $"retry {(policy.Retry is null ? "" : Retry(policy.Retry))}";
        yield return $"digest {state.Digest} of {state.TaskCount} tasks, {state.TasksAdded} there";
        yield return $"created {At(state.CreatedAt)}, sealed {At(state.SealedAt)}, ended {At(state.EndedAt)}";
        TaskCounts c = state.Counts;
        yield return $"{c.Blocked} blocked, {c.Released} released, {c.SkipAsked} to skip, {c.Succeeded} succeeded, "
            + $"{c.DeadLettered} dead-lettered, {c.Cancelled} cancelled, {c.Skipped} skipped";
        foreach (JobEvent.TasksAdded chunk in events.OfType<JobEvent.TasksAdded>())
        {
            foreach ((int place, TaskSpec spec) in chunk.Tasks.Index())
            {
                int index = chunk.First + place;
                string status = state.SealedAt is null ? "not accepted" : $"{state.Status[index]}";
                yield return $"task {index}: {status}, run {state.RunOf(index)}, {Spec(spec)}";
            }
        }
    }

    private static string Spec(TaskSpec spec) =>
        $"kind {spec.Kind}, name '{spec.Name}', after {List(spec.DependsOn)}, leases of {spec.LeaseLength}, "
        + $"priority {spec.Priority}, not before {At(spec.NotBefore)}, retry "
        + $"{(spec.Retry is null ? "" : Retry(spec.Retry))}, payload {spec.Payload}";

    private static string Retry(RetryPolicy r) => string.Create(
        CultureInfo.InvariantCulture, $"{r.AttemptsMax} {r.First} {r.Factor} {r.Cap} {r.Jitter}");

    private static string At(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) ?? "never";

    private static string List<T>(IEnumerable<T> items) => $"[{string.Join(", ", items)}]";
}
