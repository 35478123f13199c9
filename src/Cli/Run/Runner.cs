using System.Text.Json;
using Elasticity.Api.Jobs;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Exec;
using Elasticity.Cli.Stores;
using Elasticity.Cli.Work;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Cli.Run;

/// <summary>One <c>elasticity run</c>: submits the job or finds it again, executes it in this process,
/// reports.</summary>
/// <param name="options">What was asked for.</param>
/// <param name="screen">What people see.</param>
/// <param name="stopping">Ctrl-C and SIGTERM.</param>
/// <param name="time">The clock.</param>
internal sealed class Runner(RunOptions options, RunScreen screen, Stopping stopping, TimeProvider time)
{
    private const string AgentName = "run";

    private static readonly TimeSpan LookFirst = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LookMax = TimeSpan.FromMilliseconds(200);

    private RunInput? _input;
    private string? _trouble;

    /// <summary>Runs.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync()
    {
        await using Stream standardInput = Console.OpenStandardInput();
        _input = await RunInput.ReadAsync(options, standardInput, stopping.Asked);
        if (options.Results is { } results)
        {
            ResultsFile.Check(results);
        }

        await using LocalEngine local = await LocalEngine.OpenAsync(options.Settings, stopping.Asked);
        Task<ControlSocket?> listening = ControlSocket.ListenAsync(
            options.Data, local.Engine, options.Settings.Api.Limits);
        try
        {
            return await RunAsync(local);
        }
        finally
        {
            await ((await listening)?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private async Task<int> RunAsync(LocalEngine local)
    {
        // Nobody holds on to the input once it is stored: it may be as large as everything else in this process.
        JobSummary job = Interlocked.Exchange(ref _input, null) is { } input
            ? await SubmitAsync(local.Engine, input)
            : await FindAsync(local.Engine, new JobId(options.Job!));
        long start = time.GetTimestamp();
        FailureReport failures = new(local.Engine, job.Id, screen);
        job = job.IsEnded ? job : await WorkAsync(local.Engine, job, failures);
        screen.Clear();
        if (!job.IsEnded)
        {
            screen.Warn($"elasticity: stopped, {job.Counts.Ended} of {job.TaskCount} done; the rest: {Again(job.Id)}");
            return stopping.Exit;
        }

        return await ReportAsync(local.Engine, job, failures, time.GetElapsedTime(start));
    }

    private static string GoesOn(JobSummary job) => job.IsEnded
        ? $"elasticity: job {job.Id} has ended before; nothing is left to do"
        : $"elasticity: job {job.Id} goes on, {job.Counts.Ended} of {job.TaskCount} done";

    private static T Accepted<T>(Reply<T> reply)
        where T : class => reply.IsAccepted ? reply.Value : throw CliException.Of(reply.Rejection);

    private async Task<JobSummary> SubmitAsync(IElasticity engine, RunInput input)
    {
        JobId id = input.Id is { } given
            ? new JobId(given)
            : await RunIdentity.ChooseAsync(engine, input, stopping.Asked);
        Reply<SubmitReceipt> reply = await engine.SubmitAsync(RunIdentity.Submission(id, input), stopping.Asked);
        if (reply.Rejection is { Code: RejectionCode.JobExists })
        {
            await RequireOwnKindAsync(engine, id, taskCount: 1);
            throw CliException.Refused(
                RejectionCode.JobExists,
                $"There is a job {id} already, with other tasks or other options. Go on with it as it is: "
                + $"{Again(id)}. Or name this one differently.");
        }

        SubmitReceipt receipt = Accepted(reply);
        JobSummary job = receipt.Job;
        screen.Say(receipt.IsNew
            ? $"elasticity: job {id}, {(job.TaskCount == 1 ? "1 task" : $"{job.TaskCount} tasks")}; "
                + $"after an interruption: {Again(id)}"
            : GoesOn(job));
        return await ResumeAsync(engine, job);
    }

    /// <summary>Jobs of others are for agents: 'run' executes the kind that it gave its own.</summary>
    private async Task RequireOwnKindAsync(IElasticity engine, JobId id, int taskCount)
    {
        if (taskCount == 0)
        {
            return;
        }

        Reply<TaskView> first = await engine.GetTaskAsync(new TaskId(id, 0), null, withPayloads: false, stopping.Asked);
        if (first.IsAccepted && first.Value.Kind != RunIdentity.KindOf(id))
        {
            throw CliException.Refused(
                "kind-unknown",
                $"Job {id} was submitted for agents of the kind '{first.Value.Kind}', not by 'run'. Start a server on "
                + "this data directory, 'elasticity server', and an agent, 'elasticity agent'.");
        }
    }

    private async Task<JobSummary> FindAsync(IElasticity engine, JobId id)
    {
        JobSummary job = Accepted(await engine.GetJobAsync(id, null, stopping.Asked));
        if (job.SealedAt is null)
        {
            throw CliException.Refused(
                RejectionCode.JobIncomplete,
                $"Job {id} was interrupted while it was read: run it with the same input once more.");
        }

        await RequireOwnKindAsync(engine, id, job.TaskCount);
        screen.Say(GoesOn(job));
        return await ResumeAsync(engine, job);
    }

    /// <summary>Somebody paused it while nobody ran it. Running it is as good as resuming it: nobody else could, as
    /// long as this process owns the directory.</summary>
    private async Task<JobSummary> ResumeAsync(IElasticity engine, JobSummary job) => job.IsPaused && !job.IsEnded
        ? Accepted(await engine.ResumeAsync(job.Id, stopping.Asked))
        : job;

    private async Task<JobSummary> WorkAsync(IElasticity engine, JobSummary job, FailureReport failures)
    {
        await TellOthersAsync(engine, job.Id);
        using ExecHandler handler = new(ExecTask.Read, new ExecOptions(), time);
        WorkerOptions own = new()
        {
            Agent = new AgentId(AgentName),
            Kinds = [RunIdentity.KindOf(job.Id)],
            Slots = options.Parallel,
            Ahead = 2 * options.Parallel,
            IsInProcess = true,
        };
        using Worker worker = new(engine, own, handler, time) { OnTrouble = Tell };
        using CancellationTokenSource drain = CancellationTokenSource.CreateLinkedTokenSource(stopping.Asked);
        Task working = worker.RunAsync(drain.Token);
        job = await WatchAsync(engine, job, failures, worker, working);
        await drain.CancelAsync();
        await working;
        return job;
    }

    /// <summary>Looks at the job, often at first and then now and then, until it has ended or work stops.</summary>
    private async Task<JobSummary> WatchAsync(
        IElasticity engine, JobSummary job, FailureReport failures, Worker worker, Task working)
    {
        RateMeter rate = new(time);
        TimeSpan pause = LookFirst;
        while (!working.IsCompleted && !stopping.Asked.IsCancellationRequested)
        {
            try
            {
                job = Accepted(await engine.GetJobAsync(job.Id, null, stopping.Asked));
                await failures.ShowAsync(job.Counts.DeadLettered, stopping.Asked);
                if (job.IsEnded)
                {
                    return job;
                }

                int done = job.Counts.Ended;
                screen.Show(new Progress(
                    job.TaskCount, done, job.Counts.DeadLettered, worker.Running, rate.Note(done))
                {
                    Delayed = worker.Running > 0 ? 0 : await DelayedAsync(engine, job.Id),
                });
                Task news = engine.WaitForNewsAsync(stopping.Asked).AsTask();
                await Task.WhenAny(news, working);
            }
            catch (EngineUnavailableException)
            {
                // The worker says so, and both go on when the engine does.
            }
            catch (OperationCanceledException) when (stopping.Asked.IsCancellationRequested)
            {
                break;
            }

            await Task.WhenAny(Task.Delay(pause, time, stopping.Asked), working);
            pause = pause * 1.5 < LookMax ? pause * 1.5 : LookMax;
        }

        return job;
    }

    private async Task<int> DelayedAsync(IElasticity engine, JobId job) =>
        (await engine.ListQueuesAsync(stopping.Asked))
            .FirstOrDefault(q => q.Kind == RunIdentity.KindOf(job))?.Delayed ?? 0;

    private async Task TellOthersAsync(IElasticity engine, JobId own)
    {
        const int NamedMax = 3;
        Reply<Page<JobSummary>> open =
            await engine.ListJobsAsync(new JobFilter(State: "open"), null, NamedMax + 2, stopping.Asked);
        string[] others = [.. Accepted(open).Items.Where(j => j.Id != own).Select(j => j.Id.Value)];
        if (others.Length > 0)
        {
            string names = string.Join(", ", others.Take(NamedMax)) + (others.Length > NamedMax ? ", …" : "");
            screen.Say($"elasticity: unfinished here and not part of this run: {names}");
        }
    }

    private async Task<int> ReportAsync(
        IElasticity engine, JobSummary job, FailureReport failures, TimeSpan took)
    {
        TaskCounts counts = job.Counts;
        bool isGood = counts.Succeeded == job.TaskCount;
        if (!isGood)
        {
            await failures.ShowAsync(counts.DeadLettered, CancellationToken.None);
        }

        if (options.Results is { } path)
        {
            if (job.TrimmedAt is null)
            {
                await ResultsFile.WriteAsync(engine, job.Id, path, CancellationToken.None);
            }
            else
            {
                screen.Warn($"elasticity: the results of {job.Id} were trimmed; {path} was left as it is");
            }
        }

        if (options.AsJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                JobMapping.ToDocument(job), ContractsJson.Default.JobDocument));
        }

        string line = $"elasticity: {counts.Succeeded} of {job.TaskCount} succeeded"
            + (counts.DeadLettered > 0 ? $", {counts.DeadLettered} failed" : "")
            + (counts.Skipped > 0 ? $", {counts.Skipped} skipped" : "")
            + (counts.Cancelled > 0 ? $", {counts.Cancelled} cancelled" : "")
            + $" in {ProgressBar.Of(took)}";
        if (isGood)
        {
            screen.Say(line);
            return ExitCode.Success;
        }

        string data = options.Data == DataDirectory.Default ? "" : $" --data {options.Data}";
        screen.Warn(counts.DeadLettered > 0
            ? $"{line}; to try those again: elasticity redrive {job.Id}{data}, then {Again(job.Id)}"
            : line);
        return ExitCode.Failed;
    }

    private string Again(JobId id) =>
        $"elasticity run --job {id}" + (options.Data == DataDirectory.Default ? "" : $" --data {options.Data}");

    private void Tell(string? code, string? message)
    {
        if (Interlocked.Exchange(ref _trouble, code) != code)
        {
            screen.Warn(code is null
                ? "elasticity: it works again"
                : $"elasticity: {code}: {message} Nothing accepted is lost; work goes on when this is over.");
        }
    }
}
