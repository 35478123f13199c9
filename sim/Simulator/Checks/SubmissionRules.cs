using System.Text.Json;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>What is stored of a job is what a client wants to submit, member by member and byte by byte; and what must
/// be refused is never accepted.</summary>
internal static class SubmissionRules
{
    private const string Rule = "stored-as-submitted";

    /// <summary>Looks at an event that the model has taken in.</summary>
    public static void Stored(ModelJob job, EventRecord record, JsonElement e, Ledger ledger)
    {
        if (!ledger.IsComplete)
        {
            return; // What was submitted is not known.
        }

        switch (record.Type)
        {
            case "job-opened-1":
                job.Draft = ledger.DraftOf(job.Id, e.Text("digest"));
                Opened(job, e);
                break;
            case "job-tasks-added-1":
                Added(job, record, e);
                break;
            case "job-sealed-1":
                Require(job.Draft!.Wrong is null, "wrong-is-refused", job.Id, $"accepted, must be {job.Draft.Wrong}");
                break;
        }
    }

    private static void Opened(ModelJob job, JsonElement e)
    {
        Require(job.Draft is not null, Rule, job.Id, $"nobody wanted {e}");
        (_, JobHeader header, var tasks, _) = job.Draft!;
        bool isSame = job.TaskCount == tasks.Length && job.Name == header.Name
            && job.Rule == (int)(header.Policy.OnDeadLetter ?? DeadLetterRule.FailAtEnd)
            && job.Retry == Of(header.Policy.Retry) && job.LeaseLength == header.Policy.LeaseLength
            && job.Priority == header.Policy.Priority
            && e.GetProperty("header").GetProperty("labels").Texts().SequenceEqual(header.Labels);
        Require(isSame, Rule, job.Id, $"{e}, wanted was {tasks.Length} tasks, {header}");
    }

    private static void Added(ModelJob job, EventRecord record, JsonElement e)
    {
        int index = e.Int("first");
        ReadOnlySpan<byte> payloads = record.Attachments.Span;
        foreach (JsonElement stored in e.GetProperty("tasks").EnumerateArray())
        {
            TaskSpec wanted = job.Draft!.Tasks[index];
            bool isSame = stored.Text("kind") == wanted.Kind && stored.Maybe("name")?.GetString() == wanted.Name
                && new HashSet<int>(job.Tasks[index].DependsOn).SetEquals(wanted.DependsOn)
                && stored.MaybeRetry() == Of(wanted.Retry) && stored.MaybeSpan("leaseLength") == wanted.LeaseLength
                && stored.MaybeInt("priority") == wanted.Priority
                && stored.MaybeTime("notBefore") == wanted.NotBefore;
            Require(isSame, Rule, $"{job.Id}/{index}", $"{stored}, wanted was {wanted}");
            Require(
                StoredPayloads.Next(ref payloads).SequenceEqual(wanted.Payload.Bytes.Span), Rule, $"{job.Id}/{index}",
                "stored with another payload");
            index++;
        }

        Require(payloads.IsEmpty, Rule, job.Id, $"{payloads.Length} bytes behind the last payload");
    }

    /// <summary>A policy in the checkers' words.</summary>
    private static ModelRetry? Of(RetryPolicy? retry) => retry is null
        ? null
        : new ModelRetry(retry.AttemptsMax, retry.First, retry.Factor, retry.Cap, retry.Jitter);
}
