using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Elasticity.Api.Tests.Edge;

/// <summary>Requests as a client or an agent would send them, with everything in them that may be in them.</summary>
internal static class RightRequests
{
    /// <summary>The kinds of all tasks.</summary>
    public const string Kinds = """["x","y"]""";

    private const int Depth = 3;

    private static readonly Gen<string> Text =
        from chars in Gen.ArrayOf(Gen.Elements([.. "ab é\"\\/<\u2028\u0001漢"])).Resize(8)
        select JsonSerializer.Serialize(new string(chars));

    private static readonly Gen<string> Leaf = Gen.OneOf(
        Text,
        Gen.Elements("null", "true", "false", "0", "-0", "1e-7", "12345678901234567890", "0.1", "1E+2"),
        from number in Gen.Choose(int.MinValue, int.MaxValue)
        select number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Any JSON.</summary>
    public static Gen<string> Json { get; } = JsonOf(Depth);

    /// <summary>A job, with or without each member.</summary>
    public static Gen<string> Job { get; } =
        from count in Gen.Choose(1, 5)
        from tasks in Gen.CollectToArray(Enumerable.Range(0, count).Select(TaskOf))
        from id in Gen.Choose(0, 2_000)
        from name in Text
        from labels in Maybe("labels", from label in Text select $$"""{"k":{{label}}}""")
        from policy in Maybe("policy", Gen.Elements(
            """{"onDeadLetter":"fail-fast"}""",
            """{"onDeadLetter":"ignore","priority":2}""",
            """{"retry":{"attemptsMax":2,"firstSeconds":0.001,"factor":1.5,"jitter":0}}"""))
        select string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"id":"job-{{id}}","name":{{name}},{{labels}}{{policy}}"tasks":[{{string.Join(',', tasks)}}]}""");

    /// <summary>How a lease ends: what follows its token.</summary>
    public static Gen<string> Outcome { get; } = Gen.OneOf(
        from result in Maybe("result", Json)
        select $"{result}\"outcome\":\"succeeded\"",
        from result in Maybe("result", Json)
        from isFinal in Gen.Elements("true", "false")
        from code in Gen.Elements("c", "bad-luck")
        from message in Text
        select $$"""{{result}}"outcome":"failed","failure":{"code":"{{code}}","message":{{message}},"""
            + $"\"isFinal\":{isFinal}}}",
        Gen.Constant("\"outcome\":\"given-back\""));

    private static Gen<string> TaskOf(int index) =>
        from kind in Gen.Elements("x", "y")
        from name in Maybe("name", Gen.Constant(string.Create(CultureInfo.InvariantCulture, $"\"n{index}\"")))
        from payload in Maybe("payload", Json)
        from dependsOn in index == 0
            ? Gen.Constant("")
            : Maybe("dependsOn", from d in Gen.Choose(0, index - 1) select $"[{d}]")
        from priority in Maybe("priority", from p in Gen.Choose(-5, 5) select $"{p}")
        from lease in Maybe("leaseSeconds", Gen.Elements("5", "30.5", "1e2"))
        select $$"""{{{name}}{{payload}}{{dependsOn}}{{priority}}{{lease}}"kind":"{{kind}}"}""";

    private static Gen<string> JsonOf(int depth) => depth == 0
        ? Leaf
        : Gen.OneOf(
            Leaf,
            from items in Gen.ArrayOf(JsonOf(depth - 1)).Resize(3)
            from space in Gen.Elements("", " ", "\n\t")
            select $"[{space}{string.Join($",{space}", items)}]",
            from items in Gen.ArrayOf(JsonOf(depth - 1)).Resize(3)
            select $"{{{string.Join(',', items.Select((item, i) => $"\"m{i}\" : {item}"))}}}");

    private static Gen<string> Maybe(string name, Gen<string> value) =>
        from isThere in Gen.Elements(true, false)
        from text in value
        select isThere ? $"\"{name}\":{text}," : "";
}
