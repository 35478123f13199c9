using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Elasticity.Engine.Embedded.Tests.Reference;

/// <summary>The docstrings of the domain, as Markdown in one line.</summary>
internal static partial class Docstrings
{
    private static readonly Dictionary<string, XElement> Members = XDocument
        .Load(Path.Combine(AppContext.BaseDirectory, "Elasticity.Domain.xml"))
        .Descendants("member").ToDictionary(m => m.Attribute("name")!.Value);

    /// <summary>What a type is.</summary>
    public static string Of(Type type) => Text(Find("T", Name(type)).Element("summary")!);

    /// <summary>What a member of a record is: its parameter, or its own docstring.</summary>
    public static string Of(Type type, string member)
    {
        XElement? parameter = Find("T", Name(type)).Elements("param")
            .FirstOrDefault(p => p.Attribute("name")!.Value == member);
        XElement found = parameter ?? Find("P", $"{Name(type)}.{member}").Element("summary")!;
        return Text(found.Value.Trim() == "See ." ? Members[Target(found)].Element("summary")! : found);
    }

    /// <summary>What a value of an enum means.</summary>
    public static string OfValue(Type type, string value) =>
        Text(Find("F", $"{Name(type)}.{value}").Element("summary")!);

    private static string Name(Type type) => type.FullName!.Replace('+', '.');

    private static XElement Find(string kind, string name) => Members.TryGetValue($"{kind}:{name}", out XElement? found)
        ? found
        : throw new InvalidOperationException($"{name} has no docstring.");

    private static string Text(XElement element) =>
        Spaces().Replace(string.Concat(element.Nodes().Select(Part)), " ").Trim();

    private static string Part(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement e when e.Attribute("cref") is { } to => $"`{Short(to.Value)}`",
        XElement e when e.Attribute("name") is { } name => $"`{StoredShape.Name(name.Value)}`",
        _ => string.Empty,
    };

    private static string Target(XElement element) => element.Element("see")!.Attribute("cref")!.Value;

    // "T:Elasticity.Domain.Limits" is Limits, "P:Elasticity.Domain.Limits.Default" is Limits.Default.
    private static string Short(string cref)
    {
        int parts = cref.StartsWith("T:", StringComparison.Ordinal) ? 1 : 2;
        return string.Join('.', cref.Split('(')[0].Split('.').TakeLast(parts));
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
