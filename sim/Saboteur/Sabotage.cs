namespace Elasticity.Saboteur;

/// <summary>A fault that somebody puts into the code on purpose, to see whether the simulator finds it.</summary>
/// <param name="Name">A stable word.</param>
/// <param name="What">What is broken.</param>
/// <param name="Edits">Where; each text stands in its file exactly once.</param>
internal sealed record Sabotage(string Name, string What, params Edit[] Edits)
{
    /// <summary>Within how many seeds it must be found.</summary>
    public int SeedsMax { get; init; } = 2_000;

    /// <summary>The engine that must meet it.</summary>
    public string Engine { get; init; } = "embedded";
}

/// <summary>One change of one file.</summary>
/// <param name="File">The path from the root of the repository.</param>
/// <param name="Old">The text as it is; exactly once in the file.</param>
/// <param name="New">What takes its place.</param>
internal sealed record Edit(string File, string Old, string New)
{
    /// <summary>Makes the change.</summary>
    /// <returns>The text after it; null when the old text does not stand there exactly once.</returns>
    public string? Change(string text)
    {
        int place = text.IndexOf(Old, StringComparison.Ordinal);
        return place < 0 || text.IndexOf(Old, place + 1, StringComparison.Ordinal) >= 0
            ? null
            : text[..place] + New + text[(place + Old.Length)..];
    }
}
