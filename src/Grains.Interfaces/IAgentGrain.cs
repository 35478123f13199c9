using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Leases;
using Elasticity.Engine;

namespace Elasticity.Grains;

/// <summary>An agent: its sessions behind a journal, its live leases in memory. The key is the agent's id. It waits for
/// no other grain.</summary>
[Alias("elasticity.agent")]
public interface IAgentGrain : IGrainWithStringKey
{
    /// <summary>Carries out a command. Its instant is set here.</summary>
    /// <param name="command">The command.</param>
    /// <returns>The answer, and what follows.</returns>
    [Alias("command")]
    Task<AgentTold> CommandAsync(AgentCommand command);

    /// <summary>Begins to serve a lease request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="ticket">New for each call: the one that waits under an older ticket with the same request id is
    /// told to give up.</param>
    /// <returns>Why not, or what to do.</returns>
    [Alias("open")]
    Task<LeaseOpening> OpenLeaseAsync(LeaseRequest request, Guid ticket);

    /// <summary>Asks again after a wait.</summary>
    /// <param name="request">The request.</param>
    /// <param name="ticket">Its ticket.</param>
    /// <returns>Why not, or how many leases the session has room for; none when another call has taken over.</returns>
    [Alias("again")]
    Task<LeaseOpening> ReopenLeaseAsync(LeaseRequest request, Guid ticket);

    /// <summary>Ends serving a request.</summary>
    /// <param name="ticket">Its ticket.</param>
    /// <returns>When noted.</returns>
    [Alias("close")]
    Task CloseLeaseAsync(Guid ticket);

    /// <summary>Gives up a lease request whose caller has gone.</summary>
    /// <param name="session">The session that asked.</param>
    /// <param name="request">The id of the request.</param>
    /// <returns>A wait to end; null when there is none.</returns>
    [Alias("abandon")]
    Task<LeaseWait?> AbandonLeaseAsync(SessionId session, string request);

    /// <summary>Minds leases.</summary>
    /// <param name="watches">The leases with the kinds of their tasks.</param>
    /// <param name="isRestored">They may have been granted before this activation: what is not known yet has one full
    /// length of grace.</param>
    /// <returns>Those that are lost, because their session is over.</returns>
    [Alias("watch")]
    Task<ImmutableArray<EndedLease>> WatchAsync(ImmutableArray<Letter> watches, bool isRestored);

    /// <summary>Minds leases no longer.</summary>
    /// <param name="leases">The leases.</param>
    /// <returns>When noted.</returns>
    [Alias("forget")]
    Task ForgetAsync(ImmutableArray<Message.ForgetLease> leases);

    /// <summary>Counts what the agent reported, and notes that it lives.</summary>
    /// <param name="session">The session that reported.</param>
    /// <param name="settled">Results recorded.</param>
    /// <param name="refused">Results refused.</param>
    /// <returns>When noted.</returns>
    [Alias("seen")]
    Task SeenAsync(SessionId session, int settled, int refused);

    /// <summary>Takes a heartbeat in.</summary>
    /// <param name="heartbeat">The heartbeat.</param>
    /// <returns>The answer, in which a lease may be <see cref="LeaseAnswer.Unknown"/>: ask its task.</returns>
    [Alias("beat")]
    Task<Reply<HeartbeatAnswer>> BeatAsync(Heartbeat heartbeat);

    /// <summary>Lets what is due happen. The grain's own timer does the same.</summary>
    /// <returns>The leases that ran out.</returns>
    [Alias("tick")]
    Task<ImmutableArray<EndedLease>> TickAsync();

    /// <summary>Shows the agent.</summary>
    /// <returns>What is known.</returns>
    [Alias("look")]
    Task<AgentLook> LookAsync();

    /// <summary>What the agent said of the progress of the tasks of a job.</summary>
    /// <param name="job">The job.</param>
    /// <returns>By index.</returns>
    [Alias("progress")]
    Task<ImmutableDictionary<int, string>> ProgressAsync(JobId job);
}

/// <summary>What an agent answers, and what follows from it.</summary>
/// <param name="Reply">The answer.</param>
/// <param name="Ended">Leases to take back.</param>
/// <param name="Waits">Waits to end.</param>
public sealed record AgentTold(
    Reply<AgentView> Reply, ImmutableArray<EndedLease> Ended, ImmutableArray<LeaseWait> Waits);

/// <summary>A lease to take back.</summary>
/// <param name="Task">The task.</param>
/// <param name="Token">The lease.</param>
/// <param name="Reason">Why it is lost; null when it expired.</param>
public sealed record EndedLease(TaskId Task, long Token, string? Reason);

/// <summary>A lease request that waits at queues.</summary>
/// <param name="Ticket">Its ticket.</param>
/// <param name="Kinds">The queues.</param>
public sealed record LeaseWait(Guid Ticket, ImmutableArray<string> Kinds);

/// <summary>How a lease request is to be served.</summary>
/// <param name="Rejection">Why not; null when it is.</param>
/// <param name="IsReplaced">Another call with the same request id has taken over: answer with nothing.</param>
/// <param name="Given">What the request was given before, when it was repeated: answer with it.</param>
/// <param name="Kinds">The queues to take from.</param>
/// <param name="Room">How many leases the session may still take.</param>
/// <param name="Older">A wait to end; null for none.</param>
public sealed record LeaseOpening(
    Rejection? Rejection,
    bool IsReplaced,
    ImmutableArray<WatchedLease> Given,
    ImmutableArray<string> Kinds,
    int Room,
    LeaseWait? Older);

/// <summary>An agent as it is shown.</summary>
/// <param name="View">The agent; null when it has no live session.</param>
/// <param name="Leased">How many leases it holds, by kind.</param>
/// <param name="Waiting">Its lease requests that wait.</param>
/// <param name="ShortestLease">The shortest lease minded; null before the first.</param>
public sealed record AgentLook(
    AgentView? View,
    ImmutableDictionary<string, int> Leased,
    int Waiting,
    TimeSpan? ShortestLease);
