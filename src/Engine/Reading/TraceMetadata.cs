using System.Diagnostics;
using System.Text;

namespace Elasticity.Engine;

/// <summary>The trace context that travels in the envelope of events (W3C Trace Context, <c>traceparent</c>).</summary>
public static class TraceMetadata
{
    /// <summary>The metadata of events caused now.</summary>
    /// <returns><c>{"traceparent":"…"}</c>, or empty when nothing is traced.</returns>
    public static ReadOnlyMemory<byte> OfCurrentActivity() =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C, Recorded: true, Id: { } id }
            ? Encoding.ASCII.GetBytes($$"""{"traceparent":"{{id}}"}""")
            : default;
}
