using System.Diagnostics.CodeAnalysis;

namespace Elasticity.Api.Http;

/// <summary>The request cannot be what the client meant. Thrown while it is read, so that reading stays a straight
/// line; becomes a problem at the edge. What the engine refuses is a value and never comes here.</summary>
[SuppressMessage("Design", "CA1064", Justification = "It never leaves the edge.")]
internal sealed class RefusedException(string code, string detail) : Exception(detail)
{
    public string Code => code;
}
