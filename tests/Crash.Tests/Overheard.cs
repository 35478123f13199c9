using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace Elasticity.Crash.Tests;

/// <summary>Hears every answer that the clients get, also those after which they just ask again, and counts by their
/// codes how often the server could not serve.</summary>
internal sealed class Overheard() : DelegatingHandler(new SocketsHttpHandler())
{
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>How many calls were refused with a code.</summary>
    public int this[string code] => _counts.GetValueOrDefault(code);

    /// <summary>All codes, and how often each came.</summary>
    public override string ToString() =>
        string.Join(", ", _counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Value} {c.Key}"));

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        if ((int)response.StatusCode >= 500)
        {
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken); // Buffered: read once more.
            _counts.AddOrUpdate(CodeOf(body), 1, (_, count) => count + 1);
        }

        return response;
    }

    /// <summary>The code of a problem, or the body when that is none: whoever reads the counts sees it.</summary>
    private static string CodeOf(byte[] body)
    {
        try
        {
            using JsonDocument problem = JsonDocument.Parse(body);
            return problem.RootElement.GetProperty("code").GetString()!;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"no problem: '{Encoding.UTF8.GetString(body)}'";
        }
    }
}
