using System.Collections.Immutable;
using Elasticity.Domain.Jobs;

namespace Elasticity.Engine.Embedded.Tests.Core;

/// <summary>Whole jobs, as commands.</summary>
internal static class Submits
{
    /// <summary>The header of every job.</summary>
    public static JobHeader Header { get; } =
        new("nightly", JobPolicy.Default, ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>What submits a job of these tasks at once.</summary>
    public static ImmutableArray<JobCommand> Of(params ImmutableArray<TaskSpec> tasks) =>
    [
        new JobCommand.Open(default, Header, JobDigest.Of(Header.Policy, tasks), tasks.Length),
        new JobCommand.AddTasks(default, 0, tasks),
        new JobCommand.Seal(default),
    ];
}
