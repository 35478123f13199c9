using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Queues;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Simulator.Cluster;

/// <summary>An agent in the cluster: see <c>src/Grains/AgentGrain.cs</c>.</summary>
internal sealed partial class AgentGrain(SiloProcess silo, string key)
    : AggregateGrain<AgentState, AgentEvent>(silo, key)
{
    /// <summary>So long a sweep may take from its look at a task to telling the agent.</summary>
    private static readonly TimeSpan ForgottenTime = TimeSpan.FromSeconds(10);

    private readonly AgentId _id = new(key);
    private readonly ForgottenLeases _forgotten = new();
    private readonly LeaseBook _leases = new();
    private readonly KindTurns _turns = new();
    private Task _ending = Task.CompletedTask; // While the end of a session that is silent is being stored.
    private TimeSpan _seenAt;
    private TimeSpan _tickedAt;
    private bool _isTicking;

    public int LeaseCount => _leases.Count;

    protected override GrainId Id => new(GrainKind.Agent, Key);

    protected override StreamId Stream => StreamNames.Of(_id);

    protected override int Shard => StreamNames.ShardOf(_id.Value, Silo.Store.ShardCount);

    private Limits Limits => Silo.Plan.Engine.Core.Limits;

    public override async Task ActivateAsync()
    {
        await base.ActivateAsync();
        _seenAt = _tickedAt = Silo.Monotonic;
        await AttachAsync();
        KeepTicking();
    }

    public async Task<AgentTold> CommandAsync(AgentCommand command)
    {
        command = command with { Now = Silo.Utc };
        Decision<AgentEvent> decision = await DecideAsync(state => AgentDecider.Decide(_id, state, command, Limits));
        _seenAt = Current.IsSignOfLife(command) ? Silo.Monotonic : _seenAt;
        KeepTicking();
        ImmutableArray<EndedLease> ended = [.. decision.Messages.OfType<Message.SessionEnded>().SelectMany(TakeBack)];
        ImmutableArray<LeaseWait> waits = decision.Events.IsEmpty ? [] : EndWaits();
        Reply<AgentView> reply = decision.Rejection is { } rejection ? rejection
            : Current.Phase == AgentPhase.None
                ? new Rejection(RejectionCode.SessionUnknown, $"Agent {_id} never registered.")
            : View();
        return new AgentTold(reply, ended, waits);
    }

    /// <summary>Minds leases.</summary>
    /// <returns>Those that are lost, because their session is over.</returns>
    public async Task<ImmutableArray<EndedLease>> WatchAsync(ImmutableArray<Letter> watches, bool isRestored)
    {
        // A stale activation takes nobody's lease away.
        if (watches.Any(w => AgentDecider.WhyLost(Current, (Message.WatchLease)w.Message) is not null))
        {
            await IsUpToDateAsync();
        }

        ImmutableArray<EndedLease>.Builder lost = ImmutableArray.CreateBuilder<EndedLease>();
        foreach (Letter letter in watches)
        {
            Message.WatchLease watch = (Message.WatchLease)letter.Message;
            if (isRestored && _forgotten.Contains(watch.Task, watch.Lease.Token))
            {
                continue;
            }

            if (AgentDecider.WhyLost(Current, watch) is { } reason)
            {
                lost.Add(new EndedLease(watch.Task, watch.Lease.Token, reason));
                continue;
            }

            bool isNew = _leases.Find(watch.Task)?.Lease.Token != watch.Lease.Token;
            _leases.Watch(watch, Silo.Monotonic, isRestored);
            if (isNew && !isRestored)
            {
                _turns.Gave(letter.Kind ?? string.Empty, Current.Offer!.Kinds);
            }
        }

        return lost.DrainToImmutable();
    }

    public Task ForgetAsync(ImmutableArray<Message.ForgetLease> leases)
    {
        foreach (Message.ForgetLease lease in leases)
        {
            bool isReported = _leases.Find(lease.Task) is { Lease: var held } && held.Token == lease.Token
                && Current.IsLive(held.Session); // Who held it: it must not be silent until that is said, too.
            _seenAt = isReported ? Silo.Monotonic : _seenAt;
            _leases.Forget(lease.Task, lease.Token);
            _forgotten.Add(lease.Task, lease.Token, Silo.Monotonic);
        }

        return Task.CompletedTask;
    }

    public Task SeenAsync(SessionId session)
    {
        _seenAt = Current.IsLive(session) ? Silo.Monotonic : _seenAt;
        return Task.CompletedTask;
    }

    public async Task<Reply<HeartbeatAnswer>> BeatAsync(Heartbeat heartbeat)
    {
        await _ending; // Who came too late is not told that all is well.
        while (AgentDecider.Absence(_id, Current, heartbeat.Session) is { } absence)
        {
            if (await IsUpToDateAsync())
            {
                return absence;
            }
        }

        _seenAt = Silo.Monotonic;
        return new HeartbeatAnswer(
            [
                .. heartbeat.Leases.Select(h => _leases.Renew(
                    heartbeat.Holder, h.Task, h.Token, h.Progress, Silo.Monotonic)),
            ],
            Current.Phase == AgentPhase.Draining);
    }

    /// <summary>The supervisor makes sure that a live session is minded: that this activation is there.</summary>
    public Task LookAsync()
    {
        KeepTicking();
        return Task.CompletedTask;
    }

    protected override ValueTask<(AgentState State, StreamHead Head)> FoldAsync(StateReader reader) =>
        reader.AgentAsync(_id, CancellationToken.None);

    protected override AgentState Evolve(AgentState state, AgentEvent @event) => AgentDecider.Evolve(state, @event);

    protected override EventRecord Encode(StreamHead head, AgentEvent @event) =>
        EventCodec.Encode(Stream, head, @event, default);

    protected override bool IsOpen(AgentState state) => state.IsOpen;

    private async Task TickAsync()
    {
        const int DueMax = 1_000;
        TimeSpan now = Silo.Monotonic;
        TimeSpan late = now - _tickedAt; // This silo was frozen: nobody could be heard.
        _tickedAt = now;
        _forgotten.Forget(now - ForgottenTime);
        if (_leases.ShortestLength is { } shortest && late > shortest / 2)
        {
            _leases.GiveGrace(now);
        }

        TimeSpan silenceMax = Silo.Plan.Engine.Core.SessionSilenceMax;
        if (late > silenceMax / 2 || IsAnybodyWaiting(now))
        {
            _seenAt = now;
        }

        if (_leases.NextDeadline <= now && !await IsFreshAsync())
        {
            Silo.Cluster.Forget(Silo, Id); // Another activation attached itself: the agent reports there.
            return;
        }

        ImmutableArray<EndedLease> due =
        [
            .. _leases.TakeDue(now, DueMax)
                .Select(d => new EndedLease(d.Task, d.Token, d.IsConfirmed ? null : "unconfirmed")),
        ];
        if (IsSilent())
        {
            if (!await IsFreshAsync())
            {
                Silo.Cluster.Forget(Silo, Id); // Another activation may have heard of it.
                return;
            }

            if (IsSilent()) // Still: not heard of meanwhile.
            {
                TaskCompletionSource ended = new();
                _ending = ended.Task;
                await Harmless(() => CommandAsync(new AgentCommand.EndSession(default, Current.Session, "silent")));
                Silo.Soon(ended.SetResult);
            }
        }

        if (!due.IsEmpty)
        {
            Silo.Run(() => new Courier(Silo).TakeBackAsync(due)); // Lost on the way, the sweep brings them back.
        }
    }

    private bool IsSilent() => Current.IsOpen && Silo.Monotonic - _seenAt > Silo.Plan.Engine.Core.SessionSilenceMax
        && _leases.CountOf(new Holder(_id, Current.Session)) == 0;

    private async Task AttachAsync() => await DecideAsync(
        state => AgentDecider.Decide(_id, state, new AgentCommand.Attach(Silo.Utc), Limits));

    private async Task<bool> IsUpToDateAsync()
    {
        if (await IsFreshAsync())
        {
            return true;
        }

        await AttachAsync();
        KeepTicking();
        return false;
    }

    private IEnumerable<EndedLease> TakeBack(Message.SessionEnded ended)
    {
        foreach (WatchedLease lease in _leases.OfHolder(ended.Holder))
        {
            _leases.Forget(lease.Task, lease.Lease.Token);
            yield return new EndedLease(lease.Task, lease.Lease.Token, ended.Reason);
        }
    }

    private AgentView View() => new(
        _id,
        Current.Session,
        Current.Phase.ToString().ToLowerInvariant(),
        Current.Offer!,
        Current.RegisteredAt,
        Silo.Monotonic - _seenAt,
        _leases.CountOf(new Holder(_id, Current.Session)));

    private void KeepTicking()
    {
        if (!_isTicking && Current.IsOpen)
        {
            _isTicking = true;
            Every(Silo.Plan.GrainTick, () => Current.IsOpen ? TickAsync() : Task.CompletedTask);
        }
    }
}
