namespace Elasticity.Simulator.Edge;

/// <summary>A request to the HTTP API, without the HTTP.</summary>
/// <param name="Method">The method.</param>
/// <param name="Route">The path, with holes.</param>
/// <param name="Id">What stands in its first hole: a job or an agent; empty where there is none.</param>
/// <param name="Part">What stands in its second: a session, or the index of a task.</param>
/// <param name="First">The parameter of that name.</param>
/// <param name="Key">The <c>Idempotency-Key</c>.</param>
/// <param name="Body">The body; empty for none.</param>
internal sealed record ApiRequest(
    string Method, string Route, string Id, string? Part, string? First, string? Key, byte[] Body);

/// <summary>What the HTTP API answers.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The document, or the problem.</param>
/// <param name="RetryAfter">The header of that name.</param>
/// <param name="Told">What the engine had said, so that it can be held against what is understood; null where it said
/// nothing. Whoever asks does not look at it.</param>
internal sealed record ApiResponse(int Status, byte[] Body, TimeSpan? RetryAfter, object? Told)
{
    public bool IsSuccess => Status < 300;
}
