using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
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

    private static readonly TimeSpan TryPause = TimeSpan.FromSeconds(1);

    private readonly HashSet<SiloAddress> _dead = [];
    private readonly SemaphoreSlim _found = new(0);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _found.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.WhenStartedAsync(stoppingToken);
        await Task.WhenAll(FindDeadAsync(stoppingToken), EndSessionsAsync(stoppingToken));
    }

    private async Task FindDeadAsync(CancellationToken stoppingToken)
    {
        await foreach (ClusterMembershipSnapshot snapshot in membership.MembershipUpdates
            .WithCancellation(stoppingToken))
        {
            bool isAnyNew = false;
            lock (_dead)
            {
                foreach (ClusterMember member in snapshot.Members.Values)
                {
                    isAnyNew |= member.Status == SiloStatus.Dead && _dead.Add(member.SiloAddress);
                }
            }

            if (isAnyNew)
            {
                _found.Release();
            }
        }
    }

    private async Task EndSessionsAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await _found.WaitAsync(stoppingToken);
            bool isDone = await TryEndSessionsAsync(stoppingToken);
            grains.NudgeSupervisors(store.ShardCount);
            while (!isDone)
            {
                await Task.Delay(TryPause, stoppingToken); // Grains of the dead silo are just coming up elsewhere.
                isDone = await TryEndSessionsAsync(stoppingToken);
            }
        }
    }

    /// <returns>False when some may still be live.</returns>
    private async Task<bool> TryEndSessionsAsync(CancellationToken stoppingToken)
    {
        HashSet<string> dead;
        lock (_dead)
        {
            dead = [.. _dead.Select(d => d.ToParsableString())];
        }

        bool isDone = true;
        StateReader states = new(store);
        try
        {
            await foreach (StreamInfo open in states.OpenAsync(null, StreamNames.AgentPrefix, stoppingToken))
            {
                AgentId agent = new(open.Stream.Value[StreamNames.AgentPrefix.Length..]);
                isDone &= await TryEndSessionAsync(states, agent, dead, stoppingToken);
            }
        }
        catch (EventStoreException e)
        {
            NotEnded(e);
            return false;
        }

        return isDone;
    }

    private async Task<bool> TryEndSessionAsync(
        StateReader states, AgentId agent, HashSet<string> dead, CancellationToken stoppingToken)
    {
        try
        {
            (AgentState state, _) = await states.AgentAsync(agent, stoppingToken);
            if (state is { IsOpen: true, Offer: { IsInProcess: true } offer }
                && offer.Labels.TryGetValue(Label, out string? silo) && dead.Contains(silo))
            {
                await grains.GetGrain<IFrontGrain>(0).CommandAsync(
                    agent, new AgentCommand.EndSession(default, state.Session, "process-dead"));
            }

            return true;
        }
        catch (EventStoreException e) when (!e.IsTransient)
        {
            NotEnded(e);
            return true; // Nobody can read it. Its leases run out.
        }
        catch (Exception e) when (e is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
        {
            NotEnded(e);
            return false;
        }
    }

    [LoggerMessage(
        EventId = 7001,
        Level = LogLevel.Warning,
        Message = "The session of an agent in a dead silo could not be ended yet.")]
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
