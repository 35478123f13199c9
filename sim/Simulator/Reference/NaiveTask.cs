using Elasticity.Domain;

namespace Elasticity.Simulator.Reference;

/// <summary>A task as the naive scheduler has it.</summary>
internal sealed class NaiveTask(NaiveJob job, int index, string kind, int[] dependsOn, TimeSpan lease)
{
    public NaiveJob Job => job;

    public int Index => index;

    public string Kind => kind;

    public int[] DependsOn => dependsOn;

    public TimeSpan LeaseLength => lease;

    /// <summary><c>blocked</c>, <c>ready</c>, <c>leased</c>, <c>succeeded</c>, <c>deadLettered</c>, <c>cancelled</c>,
    /// <c>skipped</c>.</summary>
    public string State { get; set; } = "blocked";

    public int Run { get; set; } = 1;

    public long Token { get; set; }

    public int Failures { get; set; }

    public int Expired { get; set; }

    public Holder Holder { get; set; }

    public string Request { get; set; } = string.Empty;

    public TimeSpan Deadline { get; set; }

    public bool IsConfirmed { get; set; }

    public bool IsToStop { get; set; }

    /// <summary>When its back-off is over.</summary>
    public TimeSpan Due { get; set; }

    /// <summary>Its place in its job's line; equal for tasks that came at once.</summary>
    public long Place { get; set; }

    public List<(long Token, string What)> Settled { get; } = [];

    public bool IsBad => State is "deadLettered" or "cancelled" or "skipped";

    public bool IsOver => IsBad || State == "succeeded";
}

/// <summary>A job as the naive scheduler has it.</summary>
internal sealed class NaiveJob(JobId id, int rule, int priority)
{
    public JobId Id => id;

    /// <summary>1 at the end, 2 at once, 3 never.</summary>
    public int Rule => rule;

    public int Priority => priority;

    public List<NaiveTask> Tasks { get; } = [];

    public string State { get; set; } = "open";

    public bool IsPaused { get; set; }

    public bool IsStopping => State is "failing" or "cancelling";
}
