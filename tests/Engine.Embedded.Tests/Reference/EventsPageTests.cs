using System.Text.Json;
using Elasticity.Engine.Embedded.Tests.Histories;
using Elasticity.Engine.Embedded.Tests.Support;
using Elasticity.EventStore;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests.Reference;

/// <summary>docs/reference/events.md: made from the types of the domain, their docstrings and the histories.</summary>
public sealed class EventsPageTests
{
    [Fact]
    public void The_page_is_what_the_domain_says() =>
        Repository.Approve("docs/reference/events.md", EventsPage.Render());

    [Fact]
    public void Every_member_that_was_ever_stored_under_a_type_of_today_is_on_the_page()
    {
        HashSet<string> told =
            [.. EventsPage.Types().SelectMany(t => StoredShape.Paths(t.Case).Select(p => t.Name + p))];

        Assert.All(Records(), record =>
        {
            using JsonDocument content = JsonDocument.Parse(record.Content);
            Assert.Subset(told, StoredShape.Paths(content.RootElement, record.Type).ToHashSet());
        });
    }

    // Types that only an upcaster knows are of earlier releases.
    private static IEnumerable<EventRecord> Records() => HistoryFolder.Files()
        .SelectMany(HistoryFolder.Read).SelectMany(s => s.Events)
        .Where(e => HistoryFolder.TypeToday(HistoryFolder.Decode(e)) == e.Type);
}
