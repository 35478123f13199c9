using Elasticity.Domain.Agents;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;
using Elasticity.Engine.Embedded.Tests.Support;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;
using Xunit;

namespace Elasticity.Engine.Embedded.Tests.Histories;

/// <summary>The folder <c>tests/Histories</c>.</summary>
internal static class HistoryFolder
{
    /// <summary>The histories of the release that is not out yet.</summary>
    public const string Next = "next";

    private const string Extension = ".jsonl";

    private const string Folder = "tests/Histories";

    private static readonly string Root = Path.Combine(Repository.Root, Folder);

    /// <summary>Every history, such as <c>next/album</c>.</summary>
    public static IReadOnlyList<string> Files() =>
    [
        .. Directory.EnumerateFiles(Root, "*" + Extension, SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Root, f)[..^Extension.Length].Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    public static IReadOnlyList<HistoryStream> Read(string file) => HistoryFile.Read(Text(file + Extension));

    /// <summary>The state that was recorded with it.</summary>
    public static string StateOf(string file) => Text(file + ".state.txt");

    /// <summary>Records a story of the next release when that is asked for; holds it against the record
    /// otherwise.</summary>
    public static void Approve(string name, IReadOnlyList<HistoryStream> streams)
    {
        string file = $"{Next}/{name}";
        string state = FinalState.Of(streams);
        if (Repository.IsApproving)
        {
            Repository.Write($"{Folder}/{file}{Extension}", HistoryFile.Write(streams));
            Repository.Write($"{Folder}/{file}.state.txt", state);
        }

        Assert.True(
            Files().Contains(file) && StateOf(file) == state,
            $"The story '{name}' does not end as {Folder}/{file} says. If that is meant, run this and look at the "
            + "difference:\n    ELASTICITY_APPROVE=1 dotnet test tests/Engine.Embedded.Tests -c Release "
            + $"--filter Histories\n{state}");
    }

    /// <summary>Decodes an event of any stream.</summary>
    public static object Decode(EventRecord record) => record.Type.Split('-')[0] switch
    {
        "job" => EventCodec.Default.DecodeJob(record),
        "task" => EventCodec.Default.DecodeTask(record),
        _ => EventCodec.Default.DecodeAgent(record),
    };

    /// <summary>Encodes an event as today's release does, at the beginning of some stream.</summary>
    public static EventRecord Encode(object e)
    {
        StreamId stream = new("any/1");
        return e switch
        {
            JobEvent job => EventCodec.Encode(stream, StreamHead.None, job, default),
            TaskEvent task => EventCodec.Encode(stream, StreamHead.None, task, default),
            _ => EventCodec.Encode(stream, StreamHead.None, (AgentEvent)e, default),
        };
    }

    /// <summary>The type under which today's release stores it.</summary>
    public static string TypeToday(object e) => Encode(e).Type;

    private static string Text(string path) => Repository.Read($"{Folder}/{path}");
}
