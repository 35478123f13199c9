using System.Collections.Immutable;
using System.Text.Json;
using Elasticity.Client.Http;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;

namespace Elasticity.QuickStart;

/// <summary>Submits a job of a task for each file, waits for its end, and shows what came out.</summary>
internal static class WordCountJob
{
    /// <summary>Does it.</summary>
    /// <returns>Whether every task succeeded.</returns>
    public static async Task<bool> RunAsync(Uri server, string? key, IEnumerable<string> files)
    {
        using HttpElasticity elasticity = new(new HttpElasticityOptions { Server = server, ApiKey = key });
        JobSubmission submission = new(
            new JobId("quick-start"), // Chosen here, so submitting again is harmless: the job is known already.
            new JobHeader("Words", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty),
            [.. files.Order(StringComparer.Ordinal).Select(file => new TaskSpec
            {
                Kind = CountWords.Kind,
                Name = file,
                Payload = Payload.FromJson(JsonSerializer.Serialize(new TextFile(file), JsonSerializerOptions.Web)),
            })]);

        Reply<SubmitReceipt> reply = await elasticity.SubmitAsync(submission, default);
        if (reply.Rejection is { } no)
        {
            await Console.Error.WriteLineAsync($"{no.Code}: {no.Detail}");
            return false;
        }

        Console.WriteLine(reply.Value!.IsNew ? "accepted: it will not be lost" : "submitted before");
        JobSummary job = reply.Value.Job;
        while (!job.IsEnded)
        {
            await elasticity.WaitForNewsAsync(default);
            job = (await elasticity.GetJobAsync(job.Id, null, default)).Value ?? job;
        }

        await ShowAsync(elasticity, job);
        return job.Counts.Succeeded == job.TaskCount;
    }

    private static async Task ShowAsync(HttpElasticity elasticity, JobSummary job)
    {
        string? cursor = null;
        do
        {
            Page<TaskView> page = (await elasticity.ListTasksAsync(
                job.Id, new TaskQuery { WithPayloads = true }, cursor, 100, default)).Value!;
            foreach (TaskView task in page.Items)
            {
                Console.WriteLine($"{task.Name}: {task.State} {task.Result} {task.Failure?.Message}");
            }

            cursor = page.Next;
        }
        while (cursor is not null);
        Console.WriteLine($"{job.State}: {job.Counts.Succeeded} of {job.TaskCount}");
    }
}
