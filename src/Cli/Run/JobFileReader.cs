using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Elasticity.Api.Http;
using Elasticity.Api.Jobs;
using Elasticity.Contracts;
using Elasticity.Domain;

namespace Elasticity.Cli.Run;

/// <summary>
/// Reads a job file task by task, so that a million of them are never in memory as they stand in the file, nor as
/// objects. What is around the tasks is read as a whole at the end.
/// </summary>
/// <param name="stream">The file.</param>
/// <param name="bytesMax">The longest file.</param>
internal sealed class JobFileReader(Stream stream, int bytesMax)
{
    // The file with every task left out, and a line feed for each line that they took: what is wrong here is wrong in
    // the same line there.
    private readonly ArrayBufferWriter<byte> _around = new();
    private readonly PackedTasks _tasks = new();

    private byte[] _buffer = new byte[64 * 1024];
    private int _from;
    private int _to;
    private bool _isEnd;
    private long _read;
    private long _lines;
    private JsonReaderState _state;
    private bool _isTasksNext;
    private bool _isInTasks;

    /// <summary>Reads it.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The document with no tasks in it, and the tasks.</returns>
    /// <exception cref="RefusedException"><c>bad-json</c>, <c>unknown-field</c>, <c>invalid</c>,
    /// <c>limit-exceeded</c>.</exception>
    public async Task<(SubmitJob Around, PackedTasks Tasks)> ReadAsync(CancellationToken cancellationToken)
    {
        while (!_isEnd)
        {
            await FillAsync(cancellationToken);
            Advance();
        }

        ReadOnlyMemory<byte> around = _around.WrittenMemory;
        RequireUtf8(around.Span);
        try
        {
            return (
                ContractsJson.Read(around, ContractsJson.Default.SubmitJob)
                    ?? throw new JsonException("The job is null."),
                _tasks);
        }
        catch (JsonException e)
        {
            throw JsonProblem.Of(around, ContractsJson.Default.SubmitJob, e);
        }
    }

    private static void RequireUtf8(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes))
        {
            throw new RefusedException(ProblemCode.BadJson, "The file is not UTF-8.");
        }
    }

    private static bool IsTasks(in Utf8JsonReader name)
    {
        try
        {
            return name.ValueTextEquals("tasks"u8);
        }
        catch (InvalidOperationException)
        {
            return false; // Half of a character is escaped in it. Whoever reads what is around the tasks says so.
        }
    }

    /// <summary>Goes on for as long as whole tokens, and whole tasks, are in the buffer.</summary>
    private void Advance()
    {
        int done = 0;
        Utf8JsonReader reader = new(_buffer.AsSpan(_from, _to - _from), _isEnd, _state);
        try
        {
            while (true)
            {
                Utf8JsonReader next = reader;
                if (!next.Read())
                {
                    break;
                }

                bool isTask = _isInTasks && next.TokenType != JsonTokenType.EndArray;
                int start = (int)next.TokenStartIndex;
                if (isTask && !next.TrySkip())
                {
                    break;
                }

                int end = (int)next.BytesConsumed;
                if (isTask)
                {
                    LeaveOut(_buffer.AsSpan(_from + done, start - done));
                    AddTask(_buffer.AsMemory(_from + start, end - start));
                    LeaveOut(_buffer.AsSpan(_from + start, end - start));
                }
                else
                {
                    Keep(_buffer.AsSpan(_from + done, end - done));
                    Follow(next);
                }

                reader = next;
                done = end;
            }
        }
        catch (JsonException e)
        {
            throw JsonProblem.OfSyntax(e);
        }

        _state = reader.CurrentState;
        _from += done;
    }

    /// <summary>Notices where the tasks begin and end: the list called "tasks" of the outermost object.</summary>
    private void Follow(in Utf8JsonReader token)
    {
        _isInTasks = _isTasksNext && token.TokenType == JsonTokenType.StartArray;
        _isTasksNext = token.TokenType == JsonTokenType.PropertyName && token.CurrentDepth == 1 && IsTasks(token);
    }

    private void AddTask(ReadOnlyMemory<byte> json)
    {
        RequireUtf8(json.Span);
        int place = _tasks.Count;
        try
        {
            TaskInput? task = ContractsJson.Read(json, ContractsJson.Default.TaskInput);
            _tasks.Add(JobMapping.ToDraft(Read.Element(task, "tasks", place)));
        }
        catch (JsonException e)
        {
            throw JsonProblem.Of(json, ContractsJson.Default.TaskInput, e, $"$.tasks[{place}]", _lines);
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        _around.Write(bytes);
        _lines += bytes.Count((byte)'\n');
    }

    private void LeaveOut(ReadOnlySpan<byte> bytes)
    {
        int lines = bytes.Count((byte)'\n');
        _around.GetSpan(lines)[..lines].Fill((byte)'\n');
        _around.Advance(lines);
        _lines += lines;
    }

    /// <summary>Makes room and fills it; a task that does not fit gets twice the room each time.</summary>
    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        int kept = _to - _from;
        byte[] to = kept > _buffer.Length / 2 ? new byte[2 * _buffer.Length] : _buffer;
        _buffer.AsSpan(_from, kept).CopyTo(to);
        (_buffer, _from, _to) = (to, 0, kept);
        while (_to < _buffer.Length && !_isEnd)
        {
            // Reading a terminal cannot be cancelled; waiting for it can.
            Task<int> reading = stream.ReadAsync(_buffer.AsMemory(_to), cancellationToken).AsTask();
            int length = await reading.WaitAsync(cancellationToken);
            _to += length;
            _read += length;
            _isEnd = length == 0;
            if (_read > bytesMax)
            {
                throw new RefusedException(
                    RejectionCode.LimitExceeded,
                    $"A job file has at most {bytesMax} bytes: pass payloads by reference.");
            }
        }
    }
}
