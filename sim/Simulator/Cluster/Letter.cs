using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;

namespace Elasticity.Simulator.Cluster;

/// <summary>What a job answers, and what follows.</summary>
internal sealed record JobTold(JobAnswer Answer, ImmutableArray<Letter> Letters, bool Sweep, long Version);

/// <summary>What an agent answers, and what follows.</summary>
internal sealed record AgentTold(
    Reply<AgentView> Reply, ImmutableArray<EndedLease> Ended, ImmutableArray<LeaseWait> Waits);

/// <summary>A lease to take back; without a reason it expired.</summary>
internal sealed record EndedLease(TaskId Task, long Token, string? Reason);

/// <summary>A lease request that waits at queues.</summary>
internal sealed record LeaseWait(Guid Ticket, ImmutableArray<string> Kinds);

/// <summary>How a lease request is to be served.</summary>
internal sealed record LeaseOpening(
    Rejection? Rejection,
    bool IsReplaced,
    ImmutableArray<WatchedLease> Given,
    ImmutableArray<string> Kinds,
    int Room,
    LeaseWait? Older);

/// <summary>A task that may be leased.</summary>
internal sealed record Admission(TaskSpec Spec, TaskTerms Terms);
