namespace Elasticity.Api;

/// <summary>Why a process does not serve.</summary>
/// <param name="Code">Stable, such as <c>engine-stopping</c>; has a line in docs/reference/problems.md.</param>
/// <param name="Detail">One sentence for a human.</param>
public sealed record Obstacle(string Code, string Detail);
