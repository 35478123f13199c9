using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Leases;
using Elasticity.Domain.Queues;
using Elasticity.Engine;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Providers;

namespace Elasticity.Grains;

/// <inheritdoc cref="IAgentGrain"/>
/// <param name="store">The log.</param>
/// <param name="options">Bounds.</param>
/// <param name="clock">The clocks.</param>
/// <param name="counter">What this silo has done.</param>
[Reentrant]
[PreferLocalPlacement] // An agent mostly stays with one silo.
[LogConsistencyProvider(ProviderName = Journal.Provider)]
public sealed partial class AgentGrain(
    IEventStore store, GrainsOptions options, EngineClock clock, SiloCounter counter)
    : AggregateGrain<AgentState, AgentEvent>(store), IAgentGrain
{
    /// <summary>So long a sweep may take from its look at a task to telling the agent.</summary>
    private static readonly TimeSpan ForgottenTime = TimeSpan.FromSeconds(10);

    private readonly ForgottenLeases _forgotten = new();
    private readonly LeaseBook _leases = new();
    private readonly Dictionary<TaskId, string> _kinds = [];
    private readonly KindTurns _turns = new();
    private AgentId _id;

    // While the end of a session that is silent is being stored.
    private Task _ending = Task.CompletedTask;
    private TimeSpan _seenAt;
    private TimeSpan _tickedAt;
    private IGrainTimer? _timer;

    /// <inheritdoc/>
    protected override AgentState Initial => AgentState.None;

    /// <inheritdoc/>
    protected override StreamId Stream => StreamNames.Of(_id);

    /// <inheritdoc/>
    protected override int Shard => StreamNames.ShardOf(_id.Value, Store.ShardCount);

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = new AgentId(this.GetPrimaryKeyString());
        _seenAt = _tickedAt = clock.Monotonic;
        await base.OnActivateAsync(cancellationToken);
        if (IsRead) // Else whoever calls is told why not.
        {
            await AttachAsync();
            KeepTicking();
        }
    }

    /// <inheritdoc/>
    public async Task<AgentTold> CommandAsync(AgentCommand command)
    {
        command = command with { Now = clock.Utc };
        Decision<AgentEvent> decision = await DecideAsync(
            state => AgentDecider.Decide(_id, state, command, options.Limits));
        _seenAt = Current.IsSignOfLife(command) ? clock.Monotonic : _seenAt;
        KeepTicking();
        ImmutableArray<EndedLease> ended = [.. decision.Messages.OfType<Message.SessionEnded>().SelectMany(TakeBack)];
        ImmutableArray<LeaseWait> waits = decision.Events.IsEmpty ? [] : EndWaits();
        Reply<AgentView> reply = decision.Rejection is { } rejection ? rejection
            : Current.Phase == AgentPhase.None
                ? new Rejection(RejectionCode.SessionUnknown, $"Agent {_id} never registered.")
            : View();
        return new AgentTold(reply, ended, waits);
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<EndedLease>> WatchAsync(ImmutableArray<Letter> watches, bool isRestored)
    {
        // No lease is called lost because this grain has not heard of the agent's present session.
        bool isAnyLost = watches.Any(w => AgentDecider.WhyLost(Current, (Message.WatchLease)w.Message) is not null);
        if (isAnyLost)
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
            _leases.Watch(watch, clock.Monotonic, isRestored);
            counter.AddGranted(isNew && !isRestored ? 1 : 0);
            _kinds[watch.Task] = letter.Kind ?? string.Empty;
            if (isNew && !isRestored)
            {
                _turns.Gave(_kinds[watch.Task], Current.Offer!.Kinds);
            }
        }

        counter.AddTakenBack(lost.Count);
        return lost.DrainToImmutable();
    }

    /// <inheritdoc/>
    public Task ForgetAsync(ImmutableArray<Message.ForgetLease> leases)
    {
        foreach (Message.ForgetLease lease in leases)
        {
            // Who held it has just reported on it. That it is there is said only once all is told: its session must not
            // end as silent until then.
            bool isReported = _leases.Find(lease.Task) is { Lease: var held } && held.Token == lease.Token
                && Current.IsLive(held.Session);
            _seenAt = isReported ? clock.Monotonic : _seenAt;
            Forget(lease.Task, lease.Token);
            _forgotten.Add(lease.Task, lease.Token, clock.Monotonic);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task SeenAsync(SessionId session, int settled, int refused)
    {
        _seenAt = Current.IsLive(session) ? clock.Monotonic : _seenAt;
        counter.AddResults(settled, refused);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
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

        _seenAt = clock.Monotonic;
        ImmutableArray<LeaseAnswer>.Builder answers = ImmutableArray.CreateBuilder<LeaseAnswer>(
            heartbeat.Leases.Length);
        foreach (HeldLease held in heartbeat.Leases)
        {
            string? progress = held.Progress is { } said ? Identifier.Cut(said, HeldLease.ProgressLengthMax) : null;
            answers.Add(_leases.Renew(heartbeat.Holder, held.Task, held.Token, progress, clock.Monotonic));
        }

        return new HeartbeatAnswer(answers.MoveToImmutable(), Current.Phase == AgentPhase.Draining);
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<EndedLease>> TickAsync()
    {
        const int DueMax = 1_000;
        TimeSpan now = clock.Monotonic;
        TimeSpan late = now - _tickedAt; // This silo was frozen: nobody could be heard.
        _tickedAt = now;
        _forgotten.Forget(now - ForgottenTime);
        if (_leases.ShortestLength is { } shortest && late > shortest / 2)
        {
            _leases.GiveGrace(now);
        }

        if (late > options.SessionSilenceMax / 2 || IsAnybodyWaiting(now))
        {
            _seenAt = now;
        }

        if (_leases.NextDeadline <= now && !await IsFreshAsync())
        {
            // Another activation attached itself: the agent reports there, and its leases are minded there.
            DeactivateOnIdle();
            return [];
        }

        ImmutableArray<EndedLease> due =
        [
            .. _leases.TakeDue(now, DueMax)
                .Select(d => new EndedLease(d.Task, d.Token, d.IsConfirmed ? null : "unconfirmed")),
        ];
        foreach (EndedLease lease in due)
        {
            _kinds.Remove(lease.Task);
        }

        counter.AddTakenBack(due.Length);
        await EndIfSilentAsync();
        return due;
    }

    /// <inheritdoc/>
    public Task<AgentLook> LookAsync() => Task.FromResult(new AgentLook(
        Current.IsOpen ? View() : null,
        _kinds.Values.GroupBy(k => k, StringComparer.Ordinal).ToImmutableDictionary(g => g.Key, g => g.Count()),
        _waits.Count,
        _leases.ShortestLength));

    /// <inheritdoc/>
    public Task<ImmutableDictionary<int, string>> ProgressAsync(JobId job) => Task.FromResult(
        _kinds.Keys
            .Where(t => t.Job == job && _leases.Find(t)?.Progress is not null)
            .ToImmutableDictionary(t => t.Index, t => _leases.Find(t)!.Progress!));

    /// <inheritdoc/>
    protected override ValueTask<(AgentState State, StreamHead Head)> FoldAsync() =>
        new StateReader(Store).AgentAsync(_id, CancellationToken.None);

    /// <inheritdoc/>
    protected override AgentState Evolve(AgentState state, AgentEvent @event) => AgentDecider.Evolve(state, @event);

    /// <inheritdoc/>
    protected override EventRecord Encode(StreamHead head, AgentEvent @event) =>
        EventCodec.Encode(Stream, head, @event, TraceMetadata.OfCurrentActivity());

    /// <inheritdoc/>
    protected override bool IsOpen(AgentState state) => state.IsOpen;

    /// <summary>From now on no older activation, which may not know that it is replaced, ends a lease.</summary>
    private async Task AttachAsync() => await DecideAsync(
        state => AgentDecider.Decide(_id, state, new AgentCommand.Attach(clock.Utc), options.Limits));

    /// <summary>Whether nobody else has appended. If somebody has, and a session lives, it is minded here from now on:
    /// here is where it calls.</summary>
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

    private async Task EndIfSilentAsync()
    {
        if (!IsSilent())
        {
            return;
        }

        if (!await IsFreshAsync())
        {
            DeactivateOnIdle(); // Another activation may have heard of it.
            return;
        }

        if (!IsSilent())
        {
            return; // Heard of meanwhile.
        }

        TaskCompletionSource ended = new();
        _ending = ended.Task;
        try
        {
            // Nothing to take back and nobody to wake: it holds no lease and waits for none.
            await CommandAsync(new AgentCommand.EndSession(default, Current.Session, "silent"));
        }
        finally
        {
            ended.SetResult();
        }
    }

    private bool IsSilent() => Current.IsOpen && clock.Monotonic - _seenAt > options.SessionSilenceMax
        && _leases.CountOf(new Holder(_id, Current.Session)) == 0;

    private IEnumerable<EndedLease> TakeBack(Message.SessionEnded ended)
    {
        foreach (WatchedLease lease in _leases.OfHolder(ended.Holder))
        {
            Forget(lease.Task, lease.Lease.Token);
            counter.AddTakenBack(1);
            yield return new EndedLease(lease.Task, lease.Lease.Token, ended.Reason);
        }
    }

    private void Forget(TaskId task, long token)
    {
        _leases.Forget(task, token);
        if (_leases.Find(task) is null)
        {
            _kinds.Remove(task);
        }
    }

    private AgentView View() => new(
        _id,
        Current.Session,
        Current.Phase.ToString().ToLowerInvariant(),
        Current.Offer!,
        Current.RegisteredAt,
        clock.Monotonic - _seenAt,
        _leases.CountOf(new Holder(_id, Current.Session)));

    /// <summary>While a session lives, this grain stays and looks at the clock.</summary>
    private void KeepTicking()
    {
        if (!Current.IsOpen)
        {
            _timer?.Dispose();
            _timer = null;
        }
        else if (_timer is null && options.TickInterval > TimeSpan.Zero)
        {
            _timer = this.RegisterGrainTimer(
                OnTimerAsync,
                new GrainTimerCreationOptions(options.TickInterval, options.TickInterval)
                {
                    Interleave = true,
                    KeepAlive = true,
                });
        }
    }

    private async Task OnTimerAsync()
    {
        ImmutableArray<EndedLease> due = await TickAsync();
        if (!due.IsEmpty)
        {
            // Not awaited: it will tell this grain to forget them. Lost on the way, the sweep brings them back.
            GrainFactory.GetGrain<IFrontGrain>(0).TakeBackAsync(due).Ignore();
        }
    }
}
