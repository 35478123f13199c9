using Elasticity.Agent.Sdk;

namespace Elasticity.QuickStart;

/// <summary>What a task is about: its payload.</summary>
/// <param name="Path">The file.</param>
internal sealed record TextFile(string Path);

/// <summary>What comes out: the result of a task.</summary>
/// <param name="Lines">How many lines.</param>
/// <param name="Words">How many words.</param>
internal sealed record WordCount(int Lines, int Words);

/// <summary>Counts the words of a file. Made anew for each task, so its constructor could take services.</summary>
internal sealed class CountWords : ITaskHandler<TextFile, WordCount>
{
    /// <summary>What the agent offers and the tasks need: a stable name, never that of a class.</summary>
    public const string Kind = "count-words";

    /// <inheritdoc/>
    public async Task<WordCount> ExecuteAsync(
        TextFile payload, TaskContext context, CancellationToken cancellationToken)
    {
        if (!File.Exists(payload.Path))
        {
            // Trying again is pointless. Any other exception is tried again, as the job's retry policy says.
            throw new TaskFailedException("not-found", $"There is no file '{payload.Path}'.", isFinal: true);
        }

        string[] lines = await File.ReadAllLinesAsync(payload.Path, cancellationToken);
        context.ReportProgress($"{lines.Length} lines");
        return new WordCount(lines.Length, lines.Sum(WordsOf));
    }

    private static int WordsOf(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
}
