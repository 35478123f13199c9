using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Xunit;

namespace Elasticity.Domain.Tests.World;

/// <summary>Watches the promises, from the recorded events alone. Shares no code with the deciders.</summary>
internal sealed class Checker
{
    private readonly Dictionary<JobId, JobRecord> _jobs = [];
    private readonly Dictionary<TaskId, TaskRecord> _tasks = [];

    public void Expect(Plan plan) => _jobs.Add(plan.Id, new JobRecord(plan));

    public void See(TaskId id, TaskEvent @event)
    {
        JobRecord job = _jobs[id.Job];
        if (!_tasks.TryGetValue(id, out TaskRecord? task))
        {
            _tasks.Add(id, task = new TaskRecord());
        }

        Assert.True(job.IsSealed, $"{id} has an event before its job was accepted.");
        switch (@event)
        {
            case TaskEvent.Leased e:
                SeeLease(id, job, task, e);
                break;
            case TaskEvent.Succeeded e:
                End(id, task, e.Token);
                Conclude(id, task, task.Run, TaskOutcome.Succeeded);
                break;
            case TaskEvent.Failed e:
                End(id, task, e.Token);
                task.Failures++;
                task.RetryAt = e.RetryAt;
                Assert.True(task.Failures <= job.RetryOf(id.Index).AttemptsMax, $"{id} was tried too often.");
                break;
            case TaskEvent.GivenBack e:
                End(id, task, e.Token);
                break;
            case TaskEvent.Lost e:
                End(id, task, e.Token);
                break;
            case TaskEvent.Expired e:
                End(id, task, e.Token);
                break;
            case TaskEvent.DeadLettered e:
                Conclude(id, task, e.Run, TaskOutcome.DeadLettered);
                break;
            case TaskEvent.Cancelled e:
                Assert.True(job.WasStopping, $"{id} was cancelled although nobody asked.");
                Conclude(id, task, e.Run, TaskOutcome.Cancelled);
                break;
            case TaskEvent.Skipped e:
                Assert.Contains(e.Cause, job.Plan.Tasks[id.Index].DependsOn);
                Assert.True(HasEndedBadly(new TaskId(id.Job, e.Cause)), $"{id} was skipped without a cause.");
                Conclude(id, task, e.Run, TaskOutcome.Skipped);
                break;
            case TaskEvent.CancelRequested:
                Assert.True(task.Current is not null && job.WasStopping, $"{id} was asked to stop for no reason.");
                break;
            case TaskEvent.ResultRefused e:
                Assert.InRange(e.Token, 1, task.LastToken);
                Assert.True(task.Refused.Add(e.Token), $"{id}: a late result under {e.Token} is recorded twice.");
                break;
        }
    }

    public void See(JobId id, JobEvent @event)
    {
        JobRecord job = _jobs[id];
        switch (@event)
        {
            case JobEvent.Sealed:
                job.IsSealed = true;
                break;
            case JobEvent.OutcomesRecorded e:
                Assert.False(job.IsEnded, $"{id} records outcomes after its end.");
                foreach (OutcomeRecord o in e.Outcomes)
                {
                    Assert.True(
                        job.Outcomes.TryAdd((o.Index, o.Run), o.Outcome), $"{id}/{o.Index} has two outcomes of a run.");
                    Assert.Equal(_tasks[new TaskId(id, o.Index)].Outcomes[o.Run], o.Outcome);
                }

                break;
            case JobEvent.Failing or JobEvent.CancelRequested:
                job.WasStopping = true;
                job.IsCancelled |= @event is JobEvent.CancelRequested;
                break;
            case JobEvent.Redriven e:
                job.IsEnded = job.IsCancelled = false;
                foreach (int index in e.Tasks.Concat(e.Restored).SelectMany(r => Enumerable.Range(r.First, r.Count)))
                {
                    job.Runs[index]++;
                }

                break;
            case JobEvent.Ended e:
                Assert.False(job.IsEnded, $"{id} ends twice.");
                job.IsEnded = true;
                Assert.Equal(job.IsSealed ? job.Verdict() : JobOutcome.Cancelled, e.Outcome);
                break;
        }
    }

    private void SeeLease(TaskId id, JobRecord job, TaskRecord task, TaskEvent.Leased e)
    {
        Assert.True(task.Current is null, $"{id} has two current leases: {task.Current} and {e.Lease.Token}.");
        Assert.Equal(task.LastToken + 1, e.Lease.Token);
        Assert.Equal(job.Runs[id.Index], e.Run);
        Assert.False(task.Outcomes.ContainsKey(e.Run), $"{id} is leased in run {e.Run}, which has ended.");
        Assert.All(
            job.Plan.Tasks[id.Index].DependsOn,
            d => Assert.True(HasSucceeded(new TaskId(id.Job, d)), $"{id} is leased before {d} has succeeded."));
        Assert.True(!(job.Plan.Tasks[id.Index].NotBefore > e.At), $"{id} is leased before its time.");
        Assert.True(task.Run != e.Run || !(task.RetryAt > e.At), $"{id} is leased while it backs off.");
        task.Failures = task.Run == e.Run ? task.Failures : 0;
        task.Run = e.Run;
        task.Current = task.LastToken = e.Lease.Token;
    }

    private static void End(TaskId id, TaskRecord task, long token)
    {
        Assert.True(task.Current == token, $"{id}: the lease that ended is {token}, the current one {task.Current}.");
        task.Current = null;
    }

    private static void Conclude(TaskId id, TaskRecord task, int run, TaskOutcome outcome)
    {
        Assert.True(task.Current is null, $"{id} ends while it is leased.");
        Assert.True(task.Outcomes.TryAdd(run, outcome), $"{id} has two outcomes of run {run}.");
    }

    private bool HasSucceeded(TaskId id) =>
        _tasks.TryGetValue(id, out TaskRecord? task) && task.Outcomes.ContainsValue(TaskOutcome.Succeeded);

    private bool HasEndedBadly(TaskId id) =>
        _tasks.TryGetValue(id, out TaskRecord? task) && task.Outcomes.Values.Any(o => o != TaskOutcome.Succeeded);

    private sealed class JobRecord(Plan plan)
    {
        public Plan Plan => plan;

        public bool IsSealed { get; set; }

        public bool IsEnded { get; set; }

        public bool WasStopping { get; set; }

        public int[] Runs { get; } = [.. plan.Tasks.Select(_ => 1)];

        public Dictionary<(int Index, int Run), TaskOutcome> Outcomes { get; } = [];

        public RetryPolicy RetryOf(int index) =>
            plan.Tasks[index].Retry ?? plan.Header.Policy.Retry ?? new RetryPolicy();

        /// <summary>What the outcomes of the current runs make of the job; throws when one is missing.</summary>
        public JobOutcome Verdict()
        {
            TaskOutcome[] outcomes = [.. plan.Tasks.Select((_, i) => Outcomes[(i, Runs[i])])];
            bool isFailed = outcomes.Contains(TaskOutcome.DeadLettered)
                && plan.Header.Policy.OnDeadLetter != DeadLetterRule.Ignore;
            return outcomes.Contains(TaskOutcome.Cancelled)
                ? isFailed && !IsCancelled ? JobOutcome.Failed : JobOutcome.Cancelled
                : isFailed ? JobOutcome.Failed : JobOutcome.Succeeded;
        }

        /// <summary>Cancelled since it was last redriven.</summary>
        public bool IsCancelled { get; set; }
    }

    private sealed class TaskRecord
    {
        public long? Current { get; set; }

        public long LastToken { get; set; }

        public int Run { get; set; }

        public int Failures { get; set; }

        public DateTimeOffset? RetryAt { get; set; }

        public Dictionary<int, TaskOutcome> Outcomes { get; } = [];

        public HashSet<long> Refused { get; } = [];
    }
}
