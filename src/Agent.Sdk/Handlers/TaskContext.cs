using Elasticity.Agent.Sdk.Running;
using Elasticity.Contracts;

namespace Elasticity.Agent.Sdk;

/// <summary>One execution of a task, as its handler sees it. Safe for concurrent use.</summary>
public sealed class TaskContext
{
    private readonly Execution _execution;
    private readonly LeasedTaskDocument _task;

    internal TaskContext(Execution execution, LeasedTaskDocument task, string agentId, IServiceProvider services)
    {
        _execution = execution;
        _task = task;
        AgentId = agentId;
        Services = services;
    }

    /// <summary>The job.</summary>
    public string JobId => _task.Job;

    /// <summary>The task's place in the job, from 0.</summary>
    public int Index => _task.Index;

    /// <summary>The task's name; null when it has none.</summary>
    public string? Name => _task.Name;

    /// <summary>The task's kind.</summary>
    public string Kind => _task.Kind;

    /// <summary>The fence: greater with each execution of the task, over all agents and for ever. Give it to whatever
    /// the handler writes to, and let that refuse a smaller one.</summary>
    public long Token => _task.Token;

    /// <summary>Which attempt of the run; 1 is the first. Executions that were given back or lost do not
    /// count.</summary>
    public int Attempt => _task.Attempt;

    /// <summary>1, then +1 each time somebody has the task done again.</summary>
    public int Run => _task.Run;

    /// <summary>How long the lease lasts without a heartbeat. Heartbeats are sent without the handler's
    /// doing.</summary>
    public TimeSpan LeaseLength => TimeSpan.FromSeconds(_task.LeaseSeconds);

    /// <summary>The input, byte for byte as it was submitted; may be none.</summary>
    public RawJson Payload => _task.Payload;

    /// <summary>The agent that executes.</summary>
    public string AgentId { get; }

    /// <summary>The services of this execution's own scope.</summary>
    public IServiceProvider Services { get; }

    /// <summary>Signalled when the handler is to stop.</summary>
    public CancellationToken CancellationToken => _execution.StopToken;

    /// <summary>Why it is to stop; <see cref="StopReason.None"/> while it is not.</summary>
    public StopReason StopReason => _execution.StopReason;

    /// <summary>Shows people how far the task is. Costs next to nothing: only the last word is sent, about once a
    /// second (<see cref="AgentOptions.ProgressInterval"/>), with a heartbeat.</summary>
    /// <param name="text">One line; cut at 256 characters.</param>
    public void ReportProgress(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _execution.ReportProgress(text);
    }
}
