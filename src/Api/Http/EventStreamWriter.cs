using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Elasticity.Contracts;
using Microsoft.AspNetCore.Http;

namespace Elasticity.Api.Http;

/// <summary>Writes server-sent events, as the WHATWG HTML standard defines them.</summary>
internal sealed class EventStreamWriter
{
    public const string MediaType = "text/event-stream";

    private readonly PipeWriter _writer;
    private readonly TimeProvider _time;
    private readonly CancellationToken _cancellationToken;

    private EventStreamWriter(PipeWriter writer, TimeProvider time, CancellationToken cancellationToken)
    {
        _writer = writer;
        _time = time;
        _cancellationToken = cancellationToken;
        SentAt = time.GetTimestamp();
    }

    /// <summary>When something was sent last, by <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long SentAt { get; private set; }

    /// <summary>Begins the stream; from now on there is no other answer.</summary>
    public static async ValueTask<EventStreamWriter> StartAsync(
        HttpContext http, TimeProvider time, CancellationToken cancellationToken)
    {
        http.Response.ContentType = MediaType;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold events back.
        await http.Response.StartAsync(cancellationToken);
        await http.Response.Body.FlushAsync(cancellationToken);
        return new EventStreamWriter(http.Response.BodyWriter, time, cancellationToken);
    }

    /// <summary>The last id that a client saw, from <c>Last-Event-ID</c>; null when it is new.</summary>
    public static string? LastIdOf(HttpRequest request) =>
        request.Headers.TryGetValue(HeaderName.LastEventId, out var id) && id.ToString() is { Length: > 0 } text
            ? text
            : null;

    /// <summary>Sends an event.</summary>
    /// <param name="id">What the client repeats as <c>Last-Event-ID</c>; printable ASCII.</param>
    /// <param name="name">The kind of event.</param>
    /// <param name="json">The data.</param>
    public async ValueTask SendAsync(string id, string name, ReadOnlyMemory<byte> json)
    {
        Write($"id: {id}\nevent: {name}\n");
        ReadOnlySpan<byte> rest = json.Span;
        while (true)
        {
            // Each line of the data needs its own field; a line break inside JSON is never part of a string.
            int end = rest.IndexOfAny((byte)'\n', (byte)'\r');
            _writer.Write("data: "u8);
            _writer.Write(end < 0 ? rest : rest[..end]);
            _writer.Write("\n"u8);
            if (end < 0)
            {
                break;
            }

            rest = rest[(end + 1)..];
        }

        _writer.Write("\n"u8);
        await FlushAsync();
    }

    /// <summary>Sends a sign of life that clients ignore.</summary>
    public async ValueTask KeepAliveAsync()
    {
        Write(":\n\n");
        await FlushAsync();
    }

    private async ValueTask FlushAsync()
    {
        await _writer.FlushAsync(_cancellationToken);
        SentAt = _time.GetTimestamp();
    }

    private void Write(string text) => _writer.Write(Encoding.ASCII.GetBytes(text));
}
