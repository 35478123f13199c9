namespace Elasticity.Agent.Sdk.Core;

/// <summary>What a step wants done, in any order. One object serves all steps of a core.</summary>
public sealed class AgentOutput
{
    private readonly List<AgentCall> _calls = [];
    private readonly List<long> _aborts = [];
    private readonly List<AgentLease> _starts = [];
    private readonly List<AgentLease> _stops = [];
    private readonly List<AgentNotice> _notices = [];

    /// <summary>Calls to send.</summary>
    public IReadOnlyList<AgentCall> Calls => _calls;

    /// <summary>Calls that nobody waits for any longer.</summary>
    public IReadOnlyList<long> Aborts => _aborts;

    /// <summary>Handlers to start. Each is to be answered by one <see cref="AgentInput.Finished"/>.</summary>
    public IReadOnlyList<AgentLease> Starts => _starts;

    /// <summary>Handlers to ask to stop, for their <see cref="AgentLease.StopReason"/>. One may be named again for
    /// another reason.</summary>
    public IReadOnlyList<AgentLease> Stops => _stops;

    /// <summary>What is worth a line in the log.</summary>
    public IReadOnlyList<AgentNotice> Notices => _notices;

    /// <summary>When to step again, even if nothing happens; null for never.</summary>
    public TimeSpan? WakeAt { get; internal set; }

    /// <summary>Why the agent is over; null while it is not. Handlers that do not heed being stopped may still
    /// run.</summary>
    public AgentEnd? End { get; internal set; }

    internal void Clear()
    {
        _calls.Clear();
        _aborts.Clear();
        _starts.Clear();
        _stops.Clear();
        _notices.Clear();
        WakeAt = null;
    }

    internal void Send(AgentCall call) => _calls.Add(call);

    internal void Abort(long call) => _aborts.Add(call);

    internal void Start(AgentLease lease) => _starts.Add(lease);

    internal void Stop(AgentLease lease) => _stops.Add(lease);

    internal void Note(AgentEventKind kind, AgentLease? lease, string text) =>
        _notices.Add(new AgentNotice(kind, lease, text));
}

/// <summary>Why an agent is over.</summary>
/// <param name="Code"><c>drained</c> (it was asked to), <c>agent-superseded</c>, or the code with which the server
/// refused its registration.</param>
/// <param name="Detail">One sentence for a human.</param>
public sealed record AgentEnd(string Code, string Detail)
{
    /// <summary>It ended as it was asked to.</summary>
    public const string Drained = "drained";

    /// <summary>Whether it ended as it was asked to.</summary>
    public bool IsClean => Code == Drained;
}

/// <summary>Something worth a line in the log.</summary>
/// <param name="Kind">What.</param>
/// <param name="Lease">The lease that it is about; null for none.</param>
/// <param name="Text">More, for a human.</param>
public sealed record AgentNotice(AgentEventKind Kind, AgentLease? Lease, string Text);

/// <summary>What an agent may have to say.</summary>
public enum AgentEventKind
{
    /// <summary>A session is open.</summary>
    Registered,

    /// <summary>A call failed, and none before it: the agent tries again.</summary>
    Disconnected,

    /// <summary>A call was answered again.</summary>
    Reconnected,

    /// <summary>The server does not know the session any longer: a new one is opened.</summary>
    SessionLost,

    /// <summary>The server asks the agent to drain.</summary>
    DrainRequested,

    /// <summary>The server says that a lease is over.</summary>
    LeaseTaken,

    /// <summary>No heartbeat was confirmed for as long as the lease lasts.</summary>
    LeaseUnconfirmed,

    /// <summary>A result was refused.</summary>
    ResultRefused,

    /// <summary>A task was leased ahead, waited too long for a slot, and is given back.</summary>
    PrefetchGivenBack,

    /// <summary>A handler did not heed being stopped; its task is given back all the same.</summary>
    HandlerIgnoresStop,

    /// <summary>The server refused a call that a correct agent does not make, or that it may make later.</summary>
    CallRefused,
}
