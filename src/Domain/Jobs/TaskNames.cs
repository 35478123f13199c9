namespace Elasticity.Domain.Jobs;

/// <summary>Finds the tasks of a draft by name. It keeps indexes and looks the names up in the draft: a million names
/// cost 20 MB here, and not a million texts.</summary>
internal sealed class TaskNames
{
    private readonly HashSet<int>.AlternateLookup<string> _tasks;

    /// <summary>Knows no name yet.</summary>
    /// <param name="tasks">Where the names are.</param>
    public TaskNames(IReadOnlyList<TaskDraft> tasks) =>
        _tasks = new HashSet<int>(new ByName(tasks)).GetAlternateLookup<string>();

    /// <summary>Adds a task.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="index">Its index.</param>
    /// <returns>Null; or the task that has this name already, and then nothing is added.</returns>
    public int? Add(string name, int index) => _tasks.Set.Add(index) ? null : Find(name);

    /// <summary>Finds a task.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Its index; null when there is none.</returns>
    public int? Find(string name) => _tasks.TryGetValue(name, out int index) ? index : null;

    private sealed class ByName(IReadOnlyList<TaskDraft> tasks)
        : IEqualityComparer<int>, IAlternateEqualityComparer<string, int>
    {
        public bool Equals(int x, int y) => NameOf(x) == NameOf(y);

        public int GetHashCode(int obj) => GetHashCode(NameOf(obj));

        public bool Equals(string alternate, int other) => alternate == NameOf(other);

        public int GetHashCode(string alternate) => alternate.GetHashCode(StringComparison.Ordinal);

        public int Create(string alternate) => throw new NotSupportedException("Names are looked up here, not added.");

        private string NameOf(int index) => tasks[index].Spec.Name!;
    }
}
