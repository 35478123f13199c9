namespace Elasticity.Agent.Sdk;

/// <summary>Why a handler is asked to stop.</summary>
public enum StopReason
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>The job was cancelled, or fails fast. The task ends as cancelled, unless it succeeds all the
    /// same.</summary>
    Cancelled,

    /// <summary>The lease is over; or, with <see cref="AgentOptions.StopsWhenUnconfirmed"/>, nobody can be sure that it
    /// is not. Another agent may have the task.</summary>
    Lost,

    /// <summary>The agent stops. The task is given back and costs no attempt.</summary>
    Draining,
}
