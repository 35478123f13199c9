using System.Collections.Immutable;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using Elasticity.Engine.Embedded.Tests.Support;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests;

/// <summary>The streams of agents never end; only their ends are read.</summary>
public sealed class AgentReadingTests
{
    private const int BatchLength = 500;

    private static readonly AgentId Agent = new("agent");
    private static readonly StreamId Stream = StreamNames.Of(Agent);
    private static readonly AgentOffer Offer =
        new(["resize"], 1, ImmutableSortedDictionary<string, string>.Empty, IsInProcess: false);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(AgentState.FormerMax + 2, 1)]
    [InlineData(AgentState.FormerMax + 2, 200)] // The sessions that are needed are on several pages.
    [InlineData(2_000, 0)]
    [InlineData(2_000, 2)]
    public async Task The_end_of_a_stream_gives_the_state_of_all_of_it(int sessions, int attachedTimes)
    {
        await using InMemoryEventStore store = new(shardCount: 1);
        (AgentState all, StreamHead head) = await WriteAsync(store, sessions, attachedTimes);

        (AgentState state, StreamHead read) = await new StateReader(store).AgentAsync(Agent, CancellationToken.None);

        Assert.Equal(head, read);
        Assert.Equal(all.Former.AsEnumerable(), state.Former);
        Assert.Equal(
            (all.Session, all.Phase, all.RegisteredAt, all.EndReason, all.Offer?.Slots),
            (state.Session, state.Phase, state.RegisteredAt, state.EndReason, state.Offer?.Slots));
    }

    [Fact]
    public async Task Only_the_end_of_a_long_stream_is_read()
    {
        await using InMemoryEventStore store = new(shardCount: 1);
        (_, StreamHead head) = await WriteAsync(store, sessions: 2_000, attachedTimes: 2);
        ReadCounter counter = new(store);

        await new StateReader(counter).AgentAsync(Agent, CancellationToken.None);

        Assert.InRange(counter.EventsRead, 1, head.Version / 4);
    }

    private static async Task<(AgentState State, StreamHead Head)> WriteAsync(
        InMemoryEventStore store, int sessions, int attachedTimes)
    {
        (AgentState state, StreamHead head) = (AgentState.None, StreamHead.None);
        foreach (AgentEvent[] events in Life(sessions, attachedTimes).Chunk(BatchLength))
        {
            (List<EventRecord> records, StreamHead next, AgentState after) = EventWriter.Write(
                head, state, events, static (h, e) => EventCodec.Encode(Stream, h, e, default), AgentDecider.Evolve);
            AppendBatch batch = new(
                Guid.CreateVersion7(), [new StreamAppend(Stream, head, 0, after.IsOpen, records)], []);
            Assert.IsType<AppendResult.Appended>(await store.AppendAsync(batch, CancellationToken.None));
            (state, head) = (after, next);
        }

        return (state, head);
    }

    private static IEnumerable<AgentEvent> Life(int sessions, int attachedTimes)
    {
        DateTimeOffset at = DateTimeOffset.UnixEpoch;
        for (int i = 0; i < sessions; i++)
        {
            SessionId session = new($"session-{i}");
            yield return new AgentEvent.Registered(at += TimeSpan.FromSeconds(1), session, Offer);
            for (int k = 0; k < attachedTimes; k++)
            {
                yield return new AgentEvent.Attached(at);
            }

            if (i % 3 > 0)
            {
                yield return new AgentEvent.SessionEnded(at, session, "closed");
            }
        }
    }
}
