using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests.Histories;

/// <summary>What earlier releases stored is understood for ever: <c>tests/Histories</c>.</summary>
public sealed class HistoriesTests
{
    private static readonly Type[] Roots = [typeof(JobEvent), typeof(TaskEvent), typeof(AgentEvent)];

    public static TheoryData<string> Files => [.. HistoryFolder.Files()];

    public static TheoryData<string> Names => [.. Stories.All.Keys];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_history_comes_to_the_state_that_was_recorded_with_it(string file) =>
        Assert.Equal(HistoryFolder.StateOf(file), FinalState.Of(HistoryFolder.Read(file)));

    [Theory]
    [MemberData(nameof(Files))]
    public async Task The_hashes_of_a_history_fit(string file)
    {
        IReadOnlyList<HistoryStream> streams = HistoryFolder.Read(file);
        await using InMemoryEventStore store = await HistoryFile.ToStoreAsync(streams);

        VerifyReport chain = await LogVerifier.VerifyAsync(store, string.Empty, null, default);
        VerifyReport outcomes = await OutcomeVerifier.VerifyAsync(store, null, null, default);

        Assert.Equal([], chain.Faults.Concat(outcomes.Faults));
        Assert.Equal((streams.Count, streams.Sum(s => s.Events.Count)), (chain.Streams, chain.Events));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task An_engine_goes_on_where_a_history_ends(string file)
    {
        await using InMemoryEventStore store = await HistoryFile.ToStoreAsync(HistoryFolder.Read(file));
        await using Finisher finisher = await Finisher.StartAsync(store);

        await finisher.FinishAsync();

        VerifyReport chain = await LogVerifier.VerifyAsync(store, string.Empty, null, default);
        VerifyReport outcomes = await OutcomeVerifier.VerifyAsync(store, null, null, default);
        Assert.Equal([], chain.Faults.Concat(outcomes.Faults));
    }

    [Fact]
    public void Every_event_of_the_domain_and_every_type_that_was_ever_stored_has_an_example()
    {
        HashSet<string> stored = [];
        HashSet<Type> decoded = [];
        foreach (EventRecord record in HistoryFolder.Files().SelectMany(HistoryFolder.Read).SelectMany(s => s.Events))
        {
            object e = HistoryFolder.Decode(record);
            stored.Add(record.Type);
            if (HistoryFolder.TypeToday(e) == record.Type)
            {
                decoded.Add(e.GetType());
            }
        }

        Type[] known = [.. Roots.SelectMany(r => r.GetNestedTypes().Where(t => t.BaseType == r))];
        Assert.Equal([], known.Except(decoded).Select(t => $"{t.DeclaringType!.Name}.{t.Name}"));
        Assert.Equal([], Upcasters.Current.Sources.Except(stored));
    }

    [Fact]
    public void An_event_read_from_a_history_of_the_next_release_is_written_just_so_again() =>
        Assert.All(
            HistoryFolder.Files().Where(f => f.StartsWith(HistoryFolder.Next, StringComparison.Ordinal)),
            file => Assert.Equal(
                Whole(file).Select(e => (e.Type, Text(e.Content))),
                Whole(file).Select(HistoryFolder.Decode)
                    .Select(HistoryFolder.Encode).Select(e => (e.Type, Text(e.Content)))));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_stories_end_today_as_they_are_recorded(string name)
    {
        await using Stage stage = await Stage.OpenAsync();
        await Stories.All[name](stage);
        IReadOnlyList<HistoryStream> streams = await HistoryFile.ReadStoreAsync(stage.Store);

        HistoryFolder.Approve(name, streams);
    }

    /// <summary>The events with all their payloads: one that was erased cannot be written again.</summary>
    private static IEnumerable<EventRecord> Whole(string file) => HistoryFolder.Read(file).SelectMany(s => s.Events)
        .Where(e => e.Attachments.IsEmpty || Attachments.Decode(e.Attachments).All(p => p is not null));

    private static string Text(ReadOnlyMemory<byte> utf8) => System.Text.Encoding.UTF8.GetString(utf8.Span);
}
