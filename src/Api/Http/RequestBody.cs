using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Elasticity.Contracts;
using Elasticity.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Elasticity.Api.Http;

/// <summary>Reads bodies: once, into one array that the payloads remain slices of.</summary>
internal static class RequestBody
{
    private const int FirstSize = 16 * 1024;
    private const int AnnouncedSize = 64 * 1024;

    /// <summary>The longest body of a call that takes none, in bytes.</summary>
    private const int NothingBytesMax = 16 * 1024;

    /// <summary>Reads a message.</summary>
    /// <exception cref="RefusedException"><c>unsupported-media-type</c>, <c>body-too-large</c>, <c>bad-json</c>,
    /// <c>unknown-field</c>, <c>invalid</c>, <c>bad-request</c>, <c>request-timeout</c>,
    /// <c>engine-overloaded</c>.</exception>
    public static async ValueTask<T> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type, int bytesMax)
        where T : class
    {
        CheckMediaType(http.Request);
        ReadOnlyMemory<byte> message = await ReadBytesAsync(http, bytesMax);
        http.Features.Get<Shares>()!.Parsing(message.Span);
        return Parse(message, type);
    }

    /// <summary>Reads a message that has come in whole.</summary>
    /// <param name="message">The message; payloads remain slices of it.</param>
    /// <param name="type">As what.</param>
    /// <exception cref="RefusedException"><c>bad-json</c>, <c>unknown-field</c>, <c>invalid</c>.</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> message, JsonTypeInfo<T> type)
        where T : class
    {
        if (!Utf8.IsValid(message.Span))
        {
            throw new RefusedException(ProblemCode.BadJson, "The body is not UTF-8.");
        }

        try
        {
            return ContractsJson.Read(message, type) ?? throw new JsonException("The body is null.");
        }
        catch (JsonException exception)
        {
            throw JsonProblem.Of(message, type, exception);
        }
    }

    /// <summary>Checks how long a body is.</summary>
    /// <exception cref="RefusedException"><c>body-too-large</c>.</exception>
    public static void CheckLength(long bytes, int bytesMax)
    {
        if (bytes > bytesMax)
        {
            throw TooLarge(bytesMax);
        }
    }

    /// <summary>Reads the body of a call that takes none. Empty is fine, and so is an object without members, which
    /// some clients always send; anything else would be passed over in silence.</summary>
    /// <exception cref="RefusedException">As of <see cref="ReadAsync"/>.</exception>
    public static async ValueTask ReadNothingAsync(HttpContext http)
    {
        if (http.Request.ContentLength == 0
            || http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return;
        }

        ReadOnlyMemory<byte> message = await ReadBytesAsync(http, NothingBytesMax);
        if (message.IsEmpty)
        {
            return;
        }

        CheckMediaType(http.Request);
        try
        {
            using JsonDocument document = JsonDocument.Parse(message);
            RequireNothing(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw JsonProblem.OfSyntax(exception);
        }
    }

    /// <summary>Nothing of the body is in use any more, though the answer is still to come.</summary>
    public static void Forget(HttpContext http) => http.Features.Get<Shares>()?.Return();

    /// <summary>What is said of a body of another type.</summary>
    public static string WrongMediaType(HttpRequest request) => IsEncoded(request)
        ? $"The body must not be compressed; its Content-Encoding is '{Identifier.Shorten(EncodingOf(request))}'."
        : "The Content-Type must be application/json in UTF-8, not "
            + $"'{Identifier.Shorten(request.ContentType ?? string.Empty)}'.";

    private static void RequireNothing(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            throw Read.Invalid("This call takes no body.");
        }

        if (message.GetPropertyCount() > 0)
        {
            throw new RefusedException(
                ProblemCode.UnknownField, "Nobody knows a member here: this call takes no body.");
        }
    }

    private static void CheckMediaType(HttpRequest request)
    {
        if (IsEncoded(request)
            || !MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || !(type.Charset.Length == 0 || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            throw new RefusedException(ProblemCode.UnsupportedMediaType, WrongMediaType(request));
        }
    }

    private static bool IsEncoded(HttpRequest request) =>
        EncodingOf(request) is { Length: > 0 } encoding
        && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase);

    private static string EncodingOf(HttpRequest request) => request.Headers.ContentEncoding.ToString();

    private static async ValueTask<ReadOnlyMemory<byte>> ReadBytesAsync(HttpContext http, int bytesMax)
    {
        // The limit is held here. Where Kestrel holds it, the connection is reset and the client never reads the
        // problem; so Kestrel takes the rest of the body in, for at most 5 seconds, and throws it away.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = null;
        }

        long? announced = http.Request.ContentLength;
        CheckLength(announced ?? 0, bytesMax);

        try
        {
            Shares shares = Shares.Of(http);
            if (announced is { } length)
            {
                await shares.TakeAsync((int)length);
                return await ReadExactlyAsync(http.Request.Body, (int)length, http.RequestAborted);
            }

            return await ReadToEndAsync(http.Request.Body, bytesMax, shares, http.RequestAborted);
        }
        catch (BadHttpRequestException exception)
        {
            throw exception.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => TooLarge(bytesMax),
                StatusCodes.Status408RequestTimeout =>
                    new RefusedException(ProblemCode.RequestTimeout, "The body came too slowly."),
                _ => new RefusedException(ProblemCode.BadRequest, exception.Message),
            };
        }
        catch (EndOfStreamException)
        {
            throw new RefusedException(ProblemCode.BadRequest, "The body is shorter than its Content-Length.");
        }
        catch (IOException exception) when (exception.InnerException is OverflowException)
        {
            // Kestrel's own sentence for every other chunk that it cannot read comes as a BadHttpRequestException.
            throw new RefusedException(ProblemCode.BadRequest, "The length of a chunk is no number that can be.");
        }
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadExactlyAsync(
        Stream body, int length, CancellationToken cancellationToken)
    {
        // Grows with what has arrived: nobody reserves 64 MiB here by announcing them.
        byte[] buffer = new byte[Math.Min(length, AnnouncedSize)];
        int filled = 0;
        while (filled < length)
        {
            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(length, buffer.Length * 4L));
            }

            int read = await body.ReadAsync(buffer.AsMemory(filled), cancellationToken);
            filled += read == 0 ? throw new EndOfStreamException() : read;
        }

        return buffer.AsMemory(0, filled);
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadToEndAsync(
        Stream body, int bytesMax, Shares shares, CancellationToken cancellationToken)
    {
        // Who holds a small share may wait for a large one. Nobody waits the other way round.
        int room = Math.Min(bytesMax, AnnouncedSize);
        await shares.TakeAsync(room);
        byte[] buffer = new byte[Math.Min(bytesMax, FirstSize)];
        int filled = 0;
        int read;
        while ((read = await body.ReadAsync(buffer.AsMemory(filled), cancellationToken)) > 0)
        {
            filled += read;
            if (filled == buffer.Length)
            {
                if (filled == bytesMax)
                {
                    byte[] one = new byte[1];
                    return await body.ReadAsync(one, cancellationToken) == 0 ? buffer : throw TooLarge(bytesMax);
                }

                if (filled == room)
                {
                    await shares.TakeAsync(bytesMax);
                    room = bytesMax;
                }

                Array.Resize(ref buffer, (int)Math.Min(room, buffer.Length * 2L));
            }
        }

        return buffer.AsMemory(0, filled);
    }

    private static RefusedException TooLarge(int bytesMax) =>
        new(ProblemCode.BodyTooLarge, $"The body of this request has at most {bytesMax} bytes.");

    /// <summary>What the body of a request has of the budget, until the request is answered.</summary>
    private sealed class Shares
    {
        private readonly HttpContext _http;
        private readonly List<BodyBudget.Share> _shares = [];

        private Shares(HttpContext http) => _http = http;

        public static Shares Of(HttpContext http)
        {
            Shares shares = new(http);
            http.Features.Set(shares);
            http.Response.OnCompleted(() =>
            {
                shares.Return();
                return Task.CompletedTask;
            });
            return shares;
        }

        public async ValueTask TakeAsync(int bytes) => _shares.Add(
            await _http.RequestServices.GetRequiredService<BodyBudget>().TakeAsync(bytes, _http.RequestAborted));

        /// <summary>Now it is known how much it is. Objects take more memory than their text: <c>{}</c> is two
        /// bytes.</summary>
        public void Parsing(ReadOnlySpan<byte> message) => _shares[^1].Add(
            ((long)message.Length * BodyBudget.CostOfByte)
            + ((long)message.Count((byte)'{') * BodyBudget.CostOfObject)
            - _shares.Sum(s => s.Size));

        public void Return()
        {
            foreach (BodyBudget.Share share in _shares)
            {
                share.Dispose();
            }
        }
    }
}
