using System.Collections.Immutable;
using System.Globalization;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.Domain.Tasks;

namespace Elasticity.Simulator.Actors;

/// <summary>Jobs of every shape, drawn from the seed.</summary>
internal sealed class Workload(Plan plan, Chance chance)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string Kind(int number) => string.Create(CultureInfo.InvariantCulture, $"kind-{number}");

    /// <summary>Draws a job.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="isWrong">It must be refused: its tasks wait for each other, or one is not allowed.</param>
    public JobSubmissionDraft Draw(string id, bool isWrong)
    {
        int count = chance.Is(0.05) ? 0 : chance.Int(1, plan.TasksMax);
        double linked = chance.Is(0.5) ? 0 : chance.Unit();
        bool isMixed = chance.Is(0.4);
        string kind = Kind(chance.Int(0, plan.Kinds - 1));
        JobPolicy policy = new()
        {
            OnDeadLetter = chance.Is(0.3) ? null : (DeadLetterRule)chance.Int(1, 3),
            Retry = chance.Is(0.5) ? null : DrawRetry(),
            LeaseLength = chance.Is(0.3) ? null : DrawLease(),
            Priority = chance.Is(0.6) ? null : chance.Int(-2, 2),
        };
        ImmutableArray<TaskSpec>.Builder tasks = ImmutableArray.CreateBuilder<TaskSpec>(count);
        for (int i = 0; i < count; i++)
        {
            tasks.Add(new TaskSpec
            {
                Kind = isMixed ? Kind(chance.Int(0, plan.Kinds - 1)) : kind,
                Name = chance.Is(0.1) ? $"t{i}" : null,
                Payload = DrawPayload(id, i),
                DependsOn = DrawDependencies(i, linked),
                Retry = isMixed && chance.Is(0.2) ? DrawRetry() : null,
                LeaseLength = isMixed && chance.Is(0.2) ? DrawLease() : null,
                Priority = isMixed && chance.Is(0.2) ? chance.Int(-2, 2) : null,
                NotBefore = chance.Is(plan.IsLong ? 0.3 : 0.05) ? DrawTime() : null,
            });
        }

        string? wrong = isWrong && count > 0 ? Spoil(tasks) : null;
        return new JobSubmissionDraft(
            new JobId(id),
            new JobHeader($"the job {id}", policy, Labels(("team", id), ("tasks", $"{count}"))),
            tasks.DrainToImmutable(),
            wrong);
    }

    /// <returns>As what it must be refused.</returns>
    private string Spoil(ImmutableArray<TaskSpec>.Builder tasks)
    {
        int at = chance.Int(0, tasks.Count - 1);
        (tasks[at], string wrong) = chance.Int(0, 2) switch
        {
            0 => (tasks[at] with { DependsOn = [at] }, RejectionCode.DependencyCycle),
            1 => (tasks[at] with { Kind = "not a kind" }, RejectionCode.Invalid),
            _ => (tasks[at] with { DependsOn = [tasks.Count + 5] }, RejectionCode.DependencyUnknown),
        };
        return wrong;
    }

    public static ImmutableSortedDictionary<string, string> Labels(params (string Key, string Value)[] labels) =>
        ImmutableSortedDictionary.CreateRange(
            StringComparer.Ordinal, labels.Select(l => KeyValuePair.Create(l.Key, l.Value)));

    private Payload DrawPayload(string id, int index)
    {
        string pad = new('x', chance.Int(0, plan.PayloadBytesMax));
        return Payload.FromJson(string.Create(
            CultureInfo.InvariantCulture, $"{{\"task\":\"{id}/{index}\",\"pad\":\"{pad}\"}}"));
    }

    private ImmutableArray<int> DrawDependencies(int index, double linked)
    {
        if (index == 0 || !chance.Is(linked))
        {
            return [];
        }

        int[] dependencies = new int[chance.Int(1, Math.Min(3, index))];
        for (int i = 0; i < dependencies.Length; i++)
        {
            dependencies[i] = chance.Int(0, index - 1); // Now and then one is named twice.
        }

        return [.. dependencies];
    }

    private DateTimeOffset DrawTime() =>
        Start + (plan.IsLong ? plan.Rage * chance.Unit() : chance.Seconds(0, 60));

    private RetryPolicy DrawRetry() => plan.IsLong ? DrawLongRetry() : new()
    {
        AttemptsMax = chance.Int(1, 6),
        First = chance.Is(0.2) ? TimeSpan.Zero : chance.Seconds(0.01, 5),
        Factor = 1 + (chance.Unit() * 3),
        Cap = chance.Seconds(0.1, 30),
        Jitter = chance.Unit(),
    };

    /// <summary>Attempts hours and days apart.</summary>
    private RetryPolicy DrawLongRetry() => new()
    {
        AttemptsMax = chance.Int(1, 8),
        First = TimeSpan.FromMinutes(chance.Magnitude(0.1, 24 * 60)),
        Factor = 1 + (chance.Unit() * 3),
        Cap = TimeSpan.FromHours(chance.Magnitude(0.1, 5 * 24)),
        Jitter = chance.Unit(),
    };

    private TimeSpan DrawLease() => plan.IsLong ? TimeSpan.FromSeconds(Math.Round(chance.Magnitude(60, 86_400)))
        : TimeSpan.FromSeconds(Math.Round(chance.Magnitude(1, 40), 1));
}

/// <summary>What a client wants to submit.</summary>
/// <param name="Id">The job.</param>
/// <param name="Header">Name, policy and labels.</param>
/// <param name="Tasks">The tasks.</param>
/// <param name="Wrong">As what it must be refused; null when nothing is wrong with it.</param>
internal sealed record JobSubmissionDraft(
    JobId Id, JobHeader Header, ImmutableArray<TaskSpec> Tasks, string? Wrong = null)
{
    public string Digest { get; } = JobDigest.Of(Header.Policy, Tasks);
}
