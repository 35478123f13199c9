using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Tasks;
using Elasticity.Engine;
using Elasticity.Engine.Contract;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Elasticity.Grains.Tests.Support;
using Xunit;
using StreamId = Elasticity.EventStore.StreamId;

namespace Elasticity.Grains.Tests;

/// <summary>Another activation of an agent's grain stored something, and this one is called.</summary>
public sealed class StaleAgentTests(ClusterPool pool) : IClassFixture<ClusterPool>, IAsyncLifetime
{
    private static readonly AgentId Agent = new("stale");
    private static readonly SessionId First = new("first");
    private static readonly SessionId Second = new("second");
    private static readonly AgentOffer Offer = new(
        ["resize"], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);

    private static readonly TimeSpan SilenceMax = TimeSpan.FromMinutes(10);

    private readonly WrappedFixture<HeldStore> _fixture = new(s => new HeldStore(s));
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(3));
    private ClusterHarness? _harness;

    private IAgentGrain Grain => _harness!.Grains.GetGrain<IAgentGrain>(Agent.Value);

    public Task InitializeAsync()
    {
        _harness = new ClusterHarness(pool, _fixture);
        return _harness.StartAsync(new EngineSettings(Limits.Default, SilenceMax), _timeout.Token);
    }

    public async Task DisposeAsync()
    {
        await _harness!.DisposeAsync();
        _timeout.Dispose();
    }

    [Fact]
    public async Task What_was_decided_before_somebody_else_read_on_is_decided_again()
    {
        await Grain.CommandAsync(new AgentCommand.Register(default, First, Offer));
        await RegisterElsewhereAsync();
        HeldStore.Held held = _fixture.Opened!.HoldNext(StreamNames.Of(Agent));

        // To what this activation knows the first session lives, and is registered once more.
        Task<AgentTold> told = Grain.CommandAsync(new AgentCommand.Register(default, First, Offer));
        await held.Reached.Task.WaitAsync(_timeout.Token);
        Task<Reply<HeartbeatAnswer>> beat = Grain.BeatAsync(new Heartbeat(Agent, Second, []));
        while ((await Grain.LookAsync()).View?.Session != Second)
        {
            await Task.Delay(1, _timeout.Token);
        }

        held.Released.SetResult();

        Assert.Equal(RejectionCode.AgentSuperseded, (await told).Reply.Rejection?.Code);
        Assert.True((await beat).IsAccepted);
    }

    [Fact]
    public async Task A_session_that_began_elsewhere_is_minded_here_once_it_calls_here()
    {
        Assert.Null((await Grain.LookAsync()).View);
        await RegisterElsewhereAsync();

        Assert.True((await Grain.BeatAsync(new Heartbeat(Agent, Second, []))).IsAccepted);

        IReadOnlyList<StoredEvent> events = await _harness!.Store.ReadStreamAsync(
            StreamNames.Of(Agent), 1, 10, withAttachments: false, _timeout.Token);
        Assert.Equal(["agent-registered-1", "agent-attached-1"], events.Select(e => e.Record.Type));
    }

    /// <summary>A result is told to its task before the agent's grain hears that the agent is there.</summary>
    [Fact]
    public async Task A_session_does_not_end_as_silent_while_its_result_is_being_recorded()
    {
        TaskId task = new(new JobId("long"), 0);
        await Grain.CommandAsync(new AgentCommand.Register(default, First, Offer));
        Lease lease = new(1, 1, Agent, First, "r");
        Message watch = new Message.WatchLease(task, lease, SilenceMax * 6, IsCancelRequested: false);
        await Grain.WatchAsync([new Letter(watch, Kind: "resize")], isRestored: false);
        await SayNothingAsync(ticks: 3);

        await Grain.ForgetAsync([new Message.ForgetLease(task, 1)]);
        await Grain.TickAsync();
        Assert.Equal("live", (await Grain.LookAsync()).View?.State);

        await SayNothingAsync(ticks: 3);

        Assert.Null((await Grain.LookAsync()).View); // Now it has been silent.
    }

    [Fact]
    public async Task A_session_that_is_heard_of_just_before_it_ends_as_silent_does_not_end()
    {
        (HeldStore.Held held, Task tick) = await EndAsSilentAsync(s => s.HoldNext(StreamNames.Of(Agent)));

        Assert.True((await Grain.BeatAsync(new Heartbeat(Agent, First, []))).IsAccepted);
        held.Released.SetResult();
        await tick;

        Assert.Equal("live", (await Grain.LookAsync()).View?.State);
    }

    [Fact]
    public async Task A_session_that_is_heard_of_while_its_end_is_stored_is_told_so()
    {
        (HeldStore.Held held, Task tick) = await EndAsSilentAsync(s => s.HoldNextAppend(StreamNames.Of(Agent)));

        Task<Reply<HeartbeatAnswer>> beat = Grain.BeatAsync(new Heartbeat(Agent, First, []));
        await Grain.LookAsync(); // The heartbeat has come before it.
        held.Released.SetResult();
        await tick;

        Assert.Equal(RejectionCode.SessionUnknown, (await beat).Rejection?.Code);
    }

    /// <summary>Registers an agent that says nothing more, and has its grain notice until that is held.</summary>
    /// <param name="hold">What is held of the end as silent.</param>
    /// <returns>What is held, and the tick that waits for it.</returns>
    private async Task<(HeldStore.Held Held, Task Tick)> EndAsSilentAsync(Func<HeldStore, HeldStore.Held> hold)
    {
        await Grain.CommandAsync(new AgentCommand.Register(default, First, Offer));
        await SayNothingAsync(ticks: 2);
        HeldStore.Held held = hold(_fixture.Opened!);
        Task tick = SayNothingAsync(ticks: 1);
        await held.Reached.Task.WaitAsync(_timeout.Token);
        return (held, tick);
    }

    /// <summary>Lets time pass, at the end of the third tick more than a session may be silent.</summary>
    private async Task SayNothingAsync(int ticks)
    {
        for (int i = 0; i < ticks; i++)
        {
            pool.Time.Advance(SilenceMax / 2.5); // Longer, and it would be taken for one that stood still.
            await Grain.TickAsync();
        }
    }

    /// <summary>What another activation does that an agent registers with.</summary>
    private async Task RegisterElsewhereAsync()
    {
        StreamId stream = StreamNames.Of(Agent);
        (AgentState state, StreamHead head) = await new StateReader(_harness!.Store)
            .AgentAsync(Agent, _timeout.Token);
        AgentEvent registered = Assert.Single(AgentDecider.Decide(
            Agent, state, new AgentCommand.Register(_harness.Now, Second, Offer), Limits.Default).Events);
        StreamAppend append = new(
            stream,
            head,
            StreamNames.ShardOf(Agent.Value, _harness.Store.ShardCount),
            IsOpen: true,
            [EventCodec.Encode(stream, head, registered, default)]);
        Assert.IsType<AppendResult.Appended>(await _harness.Store.AppendAsync(
            new AppendBatch(Guid.NewGuid(), [append], []), _timeout.Token));
    }
}
