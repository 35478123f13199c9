namespace Elasticity.Saboteur;

internal static partial class Faults
{
    private const string Codec = "src/EventStore/Codec";

    /// <summary>What breaks a rule that others mostly stand before.</summary>
    private static Sabotage[] Behind =>
    [
        new("offered-before-sealed", "tasks are offered when they arrive, before their job is accepted",
            new Edit(
                Job, "new JobEvent.TasksAdded(c.Now, c.First, c.Tasks, digest.Value()));",
                "new JobEvent.TasksAdded(c.Now, c.First, c.Tasks, digest.Value())).Tell([.. c.Tasks.Select("
                + "(t, i) => new Message.Offer(\n"
                + "id, c.First + i, 1, 1, 0, state.Version + 1, t.Kind, t.Priority ?? 0, t.NotBefore))]);"),
            new Edit(
                "src/Domain/Jobs/JobState.cs", "IsOpen && SealedAt is not null && !IsStopping",
                "IsOpen && !IsStopping"),
            new Edit(
                "src/Domain/Jobs/JobState.cs", "        && Status[index] == JobTaskStatus.Released;",
                "        && (SealedAt is null || Status[index] == JobTaskStatus.Released);")) { Engine = "cluster" },
        new("event-misnamed", "that a task was skipped is stored under a name that nobody knows",
            new Edit($"{Codec}/EventCodec.cs", "Record(\"task-skipped-1\"", "Record(\"task-skipped-2\"")),
        new("members-added", "the objects in the events of tasks are stored with numbers by which to refer to them",
            new Edit(
                $"{Codec}/EventJson.cs",
                "typeof(AgentIdConverter), typeof(SessionIdConverter)])]\n[JsonSerializable(typeof(TaskEvent.Leased))]",
                "typeof(AgentIdConverter), typeof(SessionIdConverter)],\n"
                + "    ReferenceHandler = JsonKnownReferenceHandler.Preserve)]\n"
                + "[JsonSerializable(typeof(TaskEvent.Leased))]")),
        new("stream-misnamed", "what happens to an agent is stored under a name that nobody knows",
            new Edit($"{Codec}/StreamNames.cs", "new(AgentPrefix + agent.Value)", "new(\"agents/\" + agent.Value)")),
        new("report-on-nothing", "a report on a task that there is not is recorded as refused",
            new Edit(
                $"{Core}.Settling.cs", "if (task.State.Phase == TaskPhase.Untouched && task.Head.Version == 0)",
                "if (task.Head.Version == 0 && _jobs.ContainsKey(task.Id.Job))"),
            new Edit(
                Task, "c.Token >= 1 && c.Token <= state.Token;",
                "c.Token >= 1 && (c.Token <= state.Token || state.Phase == TaskPhase.Untouched);")),
        new("unconfirmed-goes-on", "a handler goes on when its lease may have run out, though it should stop then",
            new Edit(
                "src/Agent.Sdk/Core/AgentCore.Heartbeats.cs", "if (_options.StopsWhenUnconfirmed)",
                "if (_options.StopsWhenUnconfirmed && _options.Slots < 0)")),
        new("due-and-not-moved", "what is due is moved on in its queue only while somebody waits for tasks",
            new Edit(
                $"{Core}.Leasing.cs", "            queue.Ready.Advance(_now.Utc);\n",
                "            _ = _waiting.Count > 0 && queue.Ready.Advance(_now.Utc);\n")),
        new("late-report-unheard", "a task that a report waits for is under way for ever when its job has ended",
            new Edit(
                $"{Core}.Loading.cs", "        if (!_tasks.ContainsKey(loaded.Task))\n",
                "        if (!_jobs.ContainsKey(loaded.Task.Job))\n        {\n            return;\n        }\n\n"
                + "        if (!_tasks.ContainsKey(loaded.Task))\n")),
        new("one-job-a-step", "a step records the outcomes of one job, and leaves those of others to the next",
            new Edit(
                $"{Core}.Jobs.cs", "while (_tellers.TryDequeue(out LiveJob? job))",
                "if (_tellers.TryDequeue(out LiveJob? job))")),
        new("lost-unanswered", "a heartbeat is answered for those of its leases only that are minded",
            new Edit(
                $"{Core}.Agents.cs", "answers.Add(answer == LeaseAnswer.Unknown ? LeaseAnswer.Lost : answer);",
                "answers.AddRange(answer == LeaseAnswer.Unknown ? [] : new[] { answer });")),
        new("unknown-answered", "a heartbeat is told of a lease that has ended that nobody knows it",
            new Edit(
                $"{Core}.Agents.cs", "answers.Add(answer == LeaseAnswer.Unknown ? LeaseAnswer.Lost : answer);",
                "answers.Add(answer);")),
        new("cancelled-twice", "a cancel of a job that is being cancelled is stored once more",
            new Edit(
                Job, "(JobPhase.Open or JobPhase.Failing, JobCommand.Cancel c) =>",
                "(JobPhase.Open or JobPhase.Failing or JobPhase.Cancelling, JobCommand.Cancel c) =>")),
    ];
}
