namespace Elasticity.Saboteur;

internal static partial class Faults
{
    private const string Redriving = "src/Domain/Jobs/JobDecider.Redriving.cs";
    private const string Removing = "src/Domain/Jobs/JobDecider.Removing.cs";

    /// <summary>What is stored is not what was submitted, what is refused has no reason, what is accepted is not
    /// kept.</summary>
    private static Sabotage[] Submits =>
    [
        new("dependencies-refused", "a chunk in which a task depends on another is refused",
            new Edit(
                Job, "if (dependency < 0 || dependency >= state.TaskCount)",
                "if (dependency >= 0 || dependency >= state.TaskCount)")),
        new("dependencies-dropped", "tasks are stored without what they depend on",
            Stored("t with { DependsOn = [] }")),
        new("not-before-dropped", "tasks are stored without their not-before", Stored("t with { NotBefore = null }")),
        new("payload-changed", "tasks are stored with the payload of another",
            Stored("t with { Payload = c.Tasks[0].Payload }")),
        new("policy-dropped", "a job is stored without its policy",
            new Edit(
                Job, "new JobEvent.Opened(c.Now, header, c.Digest, c.TaskCount)",
                "new JobEvent.Opened(c.Now, header with { Policy = JobPolicy.Default }, c.Digest, c.TaskCount)")),
        new("seal-in-vain", "the end of a submit is answered and not stored",
            new Edit(
                Job, ": JobDecision.Accept(new JobEvent.Sealed(c.Now)) with { Sweep = true };",
                ": JobDecision.NoChange;")),
        new("cycle-accepted", "tasks that wait for each other are accepted",
            new Edit(Job, "?.FindCycle() is { } task)", "?.FindCycle() is { } task && task < 0)")),
        new("pause-refused", "an open job cannot be paused",
            new Edit(Job, "(JobPhase.Open, JobCommand.Pause c) =>", "(JobPhase.Failing, JobCommand.Pause c) =>")),
        new("last-task-unknown", "the last task of a job cannot be redriven",
            new Edit(Redriving, "one >= state.TaskCount)", "one >= state.TaskCount - 1)")),
        new("erased-redriven", "a task whose payloads are erased is done again",
            new Edit(
                Redriving, "JobTaskStatus.DeadLettered && !state.IsErased(i))];", "JobTaskStatus.DeadLettered)];")),
        new("erase-in-vain", "payloads are said to be erased, and it is not stored",
            new Edit(
                Removing, "return isDone ? JobDecision.NoChange",
                "return isDone || c.Now > default(DateTimeOffset) ? JobDecision.NoChange")),
        new("trim-refuses-repetition", "a submit repeated while its job is trimmed is refused (found by seed 2341)",
            new Edit(
                $"{Core}.Jobs.cs", "(ReservedProblem(job, input.Commands) ??", "(ReservedProblem(input.Job) ??"))
            { SeedsMax = 5_000 },
        new("jobs-limit-off-by-one", "one job less than may be is open at once",
            new Edit(
                $"{Core}.Jobs.cs", "_touchedJobs.Count(j => !j.State.IsOpen) >= _options.OpenJobsMax;",
                "_touchedJobs.Count(j => !j.State.IsOpen) >= _options.OpenJobsMax - 1;"),
            new Edit(
                $"{Core}.Jobs.cs", "IsFull => _jobs.Count > _options.OpenJobsMax",
                "IsFull => _jobs.Count >= _options.OpenJobsMax")),
        new("waiting-limit-off-by-one", "one request less than may waits for tasks",
            new Edit(
                $"{Core}.Leasing.cs", "(_waiting.Count >= _options.WaitingRequestsMax",
                "(_waiting.Count + 1 >= _options.WaitingRequestsMax")),
        new("counts-shown-wrong", "the list of jobs shows no skipped tasks",
            new Edit(
                "src/Engine/Views/JobSummary.cs", "        state.Counts,\n",
                "        state.Counts with { Skipped = 0 },\n")),
        new("leased-shown-wrong", "people are shown one leased task too many",
            new Edit($"{Core}.Looking.cs", "        queue.Leased,\n", "        queue.Leased + 1,\n")),
        new("chain-without-versions", "the hash of an event does not say which of its stream it is",
            new Edit(
                "src/EventStore/HashChain.cs", "WriteInt64LittleEndian(rest, version);",
                "WriteInt64LittleEndian(rest, version / version);")),
        new("tombstone-wrong", "a tombstone says that nothing succeeded",
            new Edit(Removing, "            state.Counts,\n", "            state.Counts with { Succeeded = 0 },\n")),
        new("payload-of-another", "a task is handed out with the payload of the first of its chunk",
            new Edit(
                $"{Core}.Leasing.cs", "            if (Apply(task, grant) is null)",
                "            TaskChunk chunk = job.State.ChunkOf(ready.Task.Index);\n"
                + "            spec = _chunks.Find(job.Id, chunk.Version, chunk.First, out _) is { } of\n"
                + "                ? spec with { Payload = of.Payload } : spec;\n"
                + "            if (Apply(task, grant) is null)")),
    ];

    private static Edit Stored(string task) => new(
        Job, "new JobEvent.TasksAdded(c.Now, c.First, c.Tasks, digest.Value())",
        $"new JobEvent.TasksAdded(c.Now, c.First, [.. c.Tasks.Select(t => {task})], digest.Value())");
}
