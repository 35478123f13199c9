using System.CommandLine;
using Elasticity.Cli.CommandLine;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;
using Elasticity.EventStore;

namespace Elasticity.Cli.Inspect;

/// <summary><c>elasticity events</c>.</summary>
internal sealed class EventsCommand : TargetCommand
{
    private const int PageLength = 500;

    private static readonly Option<string?> After = new("--after")
    {
        Description = "From this place on: a cursor that this command printed at its end.",
        HelpName = "CURSOR",
    };

    private static readonly Option<bool> Follow = new("--follow", "-f")
    {
        Description = "Goes on as events come, until Ctrl-C.",
    };

    private static readonly Option<int?> Limit = new("--limit") { Description = "The most to print.", HelpName = "N" };

    /// <summary>Makes the command.</summary>
    public EventsCommand()
        : base("events", "Prints the log: everything that has happened, in order within each stream.",
            After, Follow, Limit)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("elasticity events --json > log.jsonl", "The whole log; the cursor to go on from is printed at the end"),
        ("elasticity events --follow --server http://localhost:8080", "What happens, as it happens"),
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(
        ParseResult parsed, Target target, Output output, CancellationToken stop)
    {
        await using Access<IInspection> access = await target.ReadAsync(stop);
        LogCursor cursor = new(parsed.GetValue(After) ?? LogCursor.Start.Value);
        long left = parsed.GetValue(Limit) ?? long.MaxValue;
        bool follows = parsed.GetValue(Follow);
        bool isCursorKnown = false;
        try
        {
            while (left > 0)
            {
                LogPage page = await ReadAsync(access.Port, cursor, (int)Math.Min(left, PageLength), stop);
                isCursorKnown = true;
                foreach (StoredEvent stored in page.Events)
                {
                    EventText.Write(output, stored);
                }

                left -= page.Events.Count;
                cursor = page.Next;
                if (page.IsEnd && !follows)
                {
                    break;
                }

                if (page.Events.Count == 0)
                {
                    await access.Port.WaitForNewsAsync(stop);
                }
            }
        }
        finally
        {
            if (isCursorKnown)
            {
                await Console.Error.WriteLineAsync($"elasticity: to go on: --after {cursor.Value}");
            }
        }

        return ExitCode.Success;
    }

    private static async ValueTask<LogPage> ReadAsync(
        IInspection port, LogCursor cursor, int limit, CancellationToken stop)
    {
        try
        {
            return await port.ReadLogAsync(cursor, limit, stop);
        }
        catch (CursorUnknownException e)
        {
            throw CliException.Refused(ProblemCode.CursorUnknown, e.Message);
        }
        catch (ArgumentException)
        {
            throw CliException.Refused(
                RejectionCode.Invalid,
                $"--after '{cursor.Value}' is no place in this log: take what 'events' printed at its end.");
        }
    }
}
