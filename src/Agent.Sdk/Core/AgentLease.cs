using Elasticity.Contracts;

namespace Elasticity.Agent.Sdk.Core;

/// <summary>A lease in the hands of the agent, from the answer that brought it until its end is recorded.</summary>
public sealed class AgentLease
{
    // Timers are late by a little, and two clocks never run quite the same.
    private const double SafeShare = 0.95;

    internal AgentLease(LeasedTaskDocument document, string session, TimeSpan askedAt, TimeSpan receivedAt)
    {
        Document = document;
        Session = session;
        Length = TimeSpan.FromSeconds(document.LeaseSeconds);
        ConfirmedAt = askedAt;
        ReceivedAt = receivedAt;
    }

    /// <summary>The task, as it was leased.</summary>
    public LeasedTaskDocument Document { get; }

    /// <summary>The session that holds it.</summary>
    public string Session { get; }

    /// <summary>How long it lasts without a heartbeat.</summary>
    public TimeSpan Length { get; }

    /// <summary>Why its handler was asked to stop; <see cref="StopReason.None"/> when it was not.</summary>
    public StopReason StopReason { get; internal set; }

    /// <summary>What the pump runs for it; null while nothing runs.</summary>
    internal Running.Execution? Execution { get; set; }

    internal LeaseStage Stage { get; set; } = LeaseStage.Queued;

    /// <summary>When the call was <em>sent</em> that extended it last: the server cannot have counted from
    /// earlier.</summary>
    internal TimeSpan ConfirmedAt { get; set; }

    /// <summary>Since when it waits for a slot.</summary>
    internal TimeSpan ReceivedAt { get; set; }

    internal TimeSpan StartedAt { get; set; }

    /// <summary>When the next heartbeat is due.</summary>
    internal TimeSpan BeatDueAt => ConfirmedAt + (Length / 3);

    /// <summary>When it may have run out at the server.</summary>
    internal TimeSpan LossAt => ConfirmedAt + (Length * SafeShare);

    /// <summary>It was said that <see cref="LossAt"/> passed.</summary>
    internal bool IsUnconfirmed { get; set; }

    /// <summary>The server itself said that it is over: nothing is to be settled.</summary>
    internal bool IsTaken { get; set; }

    /// <summary>A heartbeat named it.</summary>
    internal bool IsNamed { get; set; }

    /// <summary>What was said and is not known to have arrived.</summary>
    internal string? Progress { get; set; }

    internal TaskResultInput? Result { get; set; }

    internal bool IsReplaced { get; set; }

    internal bool IsAlone { get; set; }

    /// <summary>It waits to be sent once more, with another result.</summary>
    internal bool IsResent { get; set; }

    internal LeaseKey Key => new(Document.Job, Document.Index, Document.Token);
}

internal enum LeaseStage
{
    /// <summary>It came so late that it may have run out: a heartbeat decides before its handler starts.</summary>
    Unproven,

    /// <summary>Waits for a slot.</summary>
    Queued,

    /// <summary>Its handler runs.</summary>
    Running,

    /// <summary>Its result is to be sent, or under way.</summary>
    Finished,

    /// <summary>Nothing more is to be done.</summary>
    Over,
}

internal readonly record struct LeaseKey(string Job, int Index, long Token);
