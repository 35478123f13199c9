using System.Collections.Immutable;
using System.Diagnostics;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Caller;

/// <summary>Submits jobs of which one is to be done and the next is cancelled, and reads; two calls at a
/// time.</summary>
internal sealed class Caller
{
    /// <summary>What the agents of the show execute.</summary>
    private const string Touch = "touch";

    /// <summary>Offered by nobody, so that only a cancel ends such a job.</summary>
    private const string Held = "held";

    private const int TasksPerJob = 2;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>What was accepted must be done by then; for a machine with much else to do.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromMinutes(2);

    private readonly string _name;
    private readonly CallLog _log;
    private readonly IElasticity _cluster;
    private readonly List<JobId> _submitted = [];
    private readonly List<JobId> _cancelled = [];
    private readonly List<JobSubmission> _failed = [];
    private readonly List<JobId> _toCancel = [];
    private volatile string? _lastAccepted;
    private int _wrong;

    /// <summary>Makes a caller.</summary>
    /// <param name="name">Begins the ids of its jobs.</param>
    /// <param name="cluster">Whom it calls.</param>
    /// <param name="log">Takes what each call took.</param>
    public Caller(string name, IElasticity cluster, CallLog log)
    {
        _name = name;
        _cluster = cluster;
        _log = log;
    }

    /// <summary>Calls until told to stop.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(WriteAsync(stop), ReadAsync(stop));

    /// <summary>Holds what was answered against what is there.</summary>
    /// <returns>Whether all of it is.</returns>
    public async Task<bool> CheckAsync()
    {
        // What failed may have been done or not. Done again when all is calm, it is there once, like the others.
        foreach (JobSubmission submission in _failed)
        {
            Require((await _cluster.SubmitAsync(submission, default)).Rejection, submission.Id, "is not accepted");
            (submission.Tasks[0].Kind == Touch ? _submitted : _toCancel).Add(submission.Id);
        }

        foreach (JobId job in _toCancel)
        {
            Require((await _cluster.CancelAsync(job, default)).Rejection, job, "cannot be cancelled");
            _cancelled.Add(job);
        }

        await CheckAsync(_submitted, "succeeded", TasksPerJob);
        await CheckAsync(_cancelled, "cancelled", 0);
        Console.WriteLine(
            $"{_name}: {_submitted.Count} jobs submitted, {_cancelled.Count} submitted and cancelled, {_wrong} wrong");
        return _wrong == 0;
    }

    private async Task WriteAsync(CancellationToken stop)
    {
        for (int n = 1; !stop.IsCancellationRequested; n++)
        {
            bool isHeld = n % 2 == 0;
            JobSubmission submission = SubmissionOf($"{_name}-{n}", isHeld ? Held : Touch);
            JobId job = submission.Id;
            if (!await CallAsync(
                "submit", job, async () => (await _cluster.SubmitAsync(submission, default)).Rejection))
            {
                _failed.Add(submission);
            }
            else if (!isHeld)
            {
                _submitted.Add(job);
                _lastAccepted = job.Value;
            }
            else
            {
                bool isDone = await CallAsync(
                    "cancel", job, async () => (await _cluster.CancelAsync(job, default)).Rejection);
                (isDone ? _cancelled : _toCancel).Add(job);
            }

            await RestAsync(stop);
        }
    }

    /// <summary>Reads the list, and the job that was accepted last: it must be there at once.</summary>
    private async Task ReadAsync(CancellationToken stop)
    {
        JobFilter all = new();
        while (!stop.IsCancellationRequested)
        {
            JobId none = new("-");
            await CallAsync("list", none, async () => (await _cluster.ListJobsAsync(all, null, 1, default)).Rejection);
            if (_lastAccepted is { } accepted)
            {
                JobId job = new(accepted);
                await CallAsync("show", job, async () => (await _cluster.GetJobAsync(job, null, default)).Rejection);
            }

            await RestAsync(stop);
        }
    }

    /// <summary>Makes one call and writes down what it took.</summary>
    /// <returns>Whether it was carried out.</returns>
    private async Task<bool> CallAsync(string call, JobId job, Func<Task<Rejection?>> make)
    {
        Tries tries = TriesCounter.Begin();
        long start = Stopwatch.GetTimestamp();
        string outcome;
        try
        {
            // Nothing that is called here may be refused: a refusal is as bad as a failure.
            outcome = (await make()) is { } rejection ? $"refused:{rejection.Code}" : CallLog.Answered;
        }
        catch (EngineUnavailableException e)
        {
            outcome = $"failed:{e.Code}";
            await Console.Error.WriteLineAsync($"{call} {job} after {tries.Count} tries: {e.Code}: {e.Message}");
        }

        _log.Add(call, job.Value, tries, Stopwatch.GetElapsedTime(start), outcome);
        return outcome == CallLog.Answered;
    }

    private async Task CheckAsync(List<JobId> jobs, string state, int succeeded)
    {
        long start = Stopwatch.GetTimestamp();
        foreach (JobId job in jobs)
        {
            Reply<JobSummary> reply = await _cluster.GetJobAsync(job, null, default);
            while (reply.IsAccepted && !reply.Value.IsEnded && Stopwatch.GetElapsedTime(start) < EndLimit)
            {
                await Task.Delay(Pause);
                reply = await _cluster.GetJobAsync(job, null, default);
            }

            Require(reply.Rejection, job, "is not there");
            if (reply.Value is { } there && (there.State, there.Counts.Succeeded) != (state, succeeded))
            {
                Wrong($"{job} is {there.State} with {there.Counts.Succeeded} successes, not {state}");
            }
        }
    }

    private void Require(Rejection? rejection, JobId job, string what)
    {
        if (rejection is not null)
        {
            Wrong($"{job} {what}: {rejection.Code}: {rejection.Detail}");
        }
    }

    private void Wrong(string what)
    {
        _wrong++;
        Console.Error.WriteLine(what);
    }

    private static JobSubmission SubmissionOf(string id, string kind)
    {
        JobHeader header = new("caller", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);
        TaskSpec[] tasks = new TaskSpec[TasksPerJob];
        for (int i = 0; i < tasks.Length; i++)
        {
            tasks[i] = new TaskSpec { Kind = kind, Payload = Payload.FromJson($"\"{id}-{i}\"") };
        }

        return new JobSubmission(new JobId(id), header, tasks);
    }

    private static async Task RestAsync(CancellationToken stop)
    {
        try
        {
            await Task.Delay(Pause, stop);
        }
        catch (OperationCanceledException)
        {
            // Told to stop: the loop sees it.
        }
    }
}
