using System.Reflection;
using System.Text;
using System.Text.Json;
using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine.Embedded.Tests.Histories;
using Elasticity.EventStore;

namespace Elasticity.Engine.Embedded.Tests.Reference;

/// <summary>Makes docs/reference/events.md.</summary>
internal static class EventsPage
{
    private const string Introduction =
        """
        # Events

        Everything that is stored, by its type. Made from the domain's docstrings by a test in
        `tests/Engine.Embedded.Tests`; the examples are from [tests/Histories](../../tests/Histories/README.md).

        - A type has a number at its end. A stored event is never changed; when what is written changes, the new form
          gets the next number, and the old one is brought up to date when it is read
          (`src/EventStore/Codec/Upcasters.cs`).
        - The content is JSON in UTF-8. A member that is null is left out; members marked *opt.* may be. Times are UTC,
          RFC 3339; durations are `hours:minutes:seconds`, with days before a point; outcomes and rules are numbers.
        - Payloads and results are not in the content, which has only their length or nothing: they are attachments of
          the event, bound into its hash by their digest, so that they can be erased. The payloads of
          `job-tasks-added-1` are those of its tasks in order.
        - Metadata holds the trace context of the request that caused the event, where there was one:
          `{"traceparent":"…"}`.

        | stream | of |
        | --- | --- |
        | `job/ID` | a job |
        | `task/ID/INDEX` | a task, from its first lease, cancel or skip on; the index has eight digits |
        | `agent/ID` | an agent |
        | `trimmed/ID` | a job that was trimmed: one event, `job-trimmed-1` |


        """;

    private static readonly (string Title, Type Root)[] Chapters =
        [("Of jobs", typeof(JobEvent)), ("Of tasks", typeof(TaskEvent)), ("Of agents", typeof(AgentEvent))];

    /// <summary>Every case of the domain's events, with the name it is stored under.</summary>
    public static IEnumerable<(string Name, Type Case, EventRecord Example)> Types() =>
        from file in HistoryFolder.Files()
        from record in HistoryFolder.Read(file).SelectMany(s => s.Events)
        let e = HistoryFolder.Decode(record)
        where HistoryFolder.TypeToday(e) == record.Type
        group (record.Type, e.GetType(), record) by e.GetType() into examples
        select examples.OrderByDescending(x => MembersOf(x.record).Distinct().Count())
            .ThenBy(x => x.record.Content.Length).First(); // The shortest of those that show most.

    public static string Render()
    {
        StringBuilder page = new(Introduction);
        Dictionary<Type, (string Name, Type Case, EventRecord Example)> types = Types().ToDictionary(t => t.Case);
        HashSet<Type> parts = [];
        foreach ((string title, Type root) in Chapters)
        {
            page.Append($"## {title}\n\n");
            foreach (Type type in root.GetNestedTypes().Where(t => t.BaseType == root))
            {
                (string name, _, EventRecord example) = types[type];
                page.Append($"### {name}\n\n{Docstrings.Of(type)}\n\n");
                Fields(page, type);
                page.Append($"```json\n{Encoding.UTF8.GetString(example.Content.Span)}\n```\n\n");
                parts.UnionWith(StoredShape.Parts(type));
            }
        }

        page.Append("## What they are made of\n\n");
        foreach (Type part in Closure(parts).OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            page.Append($"### {part.Name}\n\n{Docstrings.Of(part)}\n\n");
            Fields(page, part);
        }

        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static IEnumerable<string> MembersOf(EventRecord record)
    {
        using JsonDocument content = JsonDocument.Parse(record.Content);
        return [.. StoredShape.Paths(content.RootElement, string.Empty)];
    }

    private static void Fields(StringBuilder page, Type type)
    {
        if (type.IsEnum)
        {
            page.Append("| number | | |\n| --- | --- | --- |\n");
            foreach (object value in Enum.GetValues(type))
            {
                page.Append($"| {(int)value} | {value} | {Docstrings.OfValue(type, value.ToString()!)} |\n");
            }
        }
        else
        {
            page.Append("| member | is | |\n| --- | --- | --- |\n");
            foreach (PropertyInfo member in StoredShape.Members(type))
            {
                string optional = StoredShape.IsOptional(member) ? ", *opt.*" : string.Empty;
                string meaning = Docstrings.Of(type, member.Name).Replace("|", "\\|", StringComparison.Ordinal);
                page.Append($"| `{StoredShape.Name(member.Name)}` ");
                page.Append($"| {StoredShape.Word(member.PropertyType)}{optional} | {meaning} |\n");
            }
        }

        page.Append('\n');
    }

    private static HashSet<Type> Closure(HashSet<Type> types)
    {
        Queue<Type> left = new(types);
        HashSet<Type> all = [.. types];
        while (left.TryDequeue(out Type? type))
        {
            foreach (Type part in type.IsEnum ? [] : StoredShape.Parts(type).Where(all.Add))
            {
                left.Enqueue(part);
            }
        }

        return all;
    }
}
