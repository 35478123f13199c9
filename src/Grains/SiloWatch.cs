using Elasticity.Domain.Agents;
using Elasticity.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Elasticity.Grains;

/// <summary>Membership is the discovery of agents that live in silos: when a silo is declared dead, their sessions are
/// over, and what they held is taken back at once. Every silo watches; ending a session twice changes
/// nothing.</summary>
/// <param name="grains">The way to the grains.</param>
/// <param name="membership">Which silos there are.</param>
/// <param name="store">The log.</param>
/// <param name="lifetime">Says when the silo has started.</param>
/// <param name="log">Where to say what could not be done.</param>
internal sealed partial class SiloWatch(
    IGrainFactory grains,
    IClusterMembershipService membership,
    IEventStore store,
    IHostApplicationLifetime lifetime,
    ILogger<SiloWatch> log) : BackgroundService
{
    /// <summary>The label under which an agent that lives in a silo is registered: the silo's address, with its
    /// generation.</summary>
    public const string Label = "elasticity.silo";

    private readonly HashSet<SiloAddress> _dead = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.WhenStartedAsync(stoppingToken);
        await foreach (ClusterMembershipSnapshot snapshot in membership.MembershipUpdates
            .WithCancellation(stoppingToken))
        {
            bool isAnyNew = false;
            foreach (ClusterMember member in snapshot.Members.Values)
            {
                isAnyNew |= member.Status == SiloStatus.Dead && _dead.Add(member.SiloAddress);
            }

            if (isAnyNew)
            {
                await EndSessionsAsync();
            }
        }
    }

    private async Task EndSessionsAsync()
    {
        try
        {
            HashSet<string> dead = [.. _dead.Select(d => d.ToParsableString())];
            IFrontGrain front = grains.GetGrain<IFrontGrain>(0);
            ClusterLook look = await front.LookAsync();
            foreach (Engine.AgentView agent in look.Agents)
            {
                if (agent.Offer.IsInProcess && agent.Offer.Labels.TryGetValue(Label, out string? silo)
                    && dead.Contains(silo))
                {
                    await front.CommandAsync(
                        agent.Id, new AgentCommand.EndSession(default, agent.Session, "process-dead"));
                }
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            NotEnded(e); // Their leases run out, as those of any agent that died.
        }

        grains.NudgeSupervisors(store.ShardCount);
    }

    [LoggerMessage(
        EventId = 7001,
        Level = LogLevel.Warning,
        Message = "The sessions of the agents in a dead silo could not be ended; their leases will run out.")]
    private partial void NotEnded(Exception exception);
}

/// <summary>Small things that the services of a silo share.</summary>
internal static class SiloServices
{
    /// <summary>Completes when the host has started: before, no call finds a silo.</summary>
    public static async Task WhenStartedAsync(
        this IHostApplicationLifetime lifetime, CancellationToken stoppingToken)
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
    }

    /// <summary>Has every shard swept soon.</summary>
    public static void NudgeSupervisors(this IGrainFactory grains, int shardCount)
    {
        for (int shard = 0; shard < shardCount; shard++)
        {
            grains.GetGrain<ISupervisorGrain>(shard).NudgeAsync().Ignore();
        }
    }
}
