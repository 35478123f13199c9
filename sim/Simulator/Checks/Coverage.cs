namespace Elasticity.Simulator.Checks;

/// <summary>Which states and transitions the log has shown, and which answers were given.</summary>
internal sealed class Coverage
{
    private readonly Dictionary<(string Machine, string Transition), long> _seen = [];

    public IReadOnlyDictionary<(string Machine, string Transition), long> Seen => _seen;

    public void Saw(string machine, string before, string happened, string after)
    {
        string transition = Universe.Name(before, happened, after);
        Law.Require(
            Universe.Transitions.Contains((machine, transition)), "transitions-known", machine, transition);
        Count(machine, transition);
    }

    /// <summary>An answer of an engine: what was asked and the code of the rejection, or <c>ok</c>.</summary>
    public void Answered(string question, string code)
    {
        string answer = $"{question}: {code}";
        Law.Require(Universe.Answers.Contains(("answer", answer)), "answers-documented", question, code);
        Count("answer", answer);
    }

    /// <summary>A task met a bound.</summary>
    public void Met(string bound) => Count("bound", bound);

    public void Add(Coverage other)
    {
        foreach (((string Machine, string Transition) key, long count) in other._seen)
        {
            _seen[key] = _seen.GetValueOrDefault(key) + count;
        }
    }

    private void Count(string machine, string transition) =>
        _seen[(machine, transition)] = _seen.GetValueOrDefault((machine, transition)) + 1;
}
