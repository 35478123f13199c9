using Elasticity.Domain;

namespace Elasticity.Server.Settings;

public static partial class ServerSettings
{
    private static Setting[] TaskLimits() =>
    [
        Limit(
            nameof(Limits.TasksPerJobMax),
            SettingUnit.Count,
            (1, 10_000_000),
            "The most tasks of one job.",
            o => o.TasksPerJobMax,
            (o, v) => o with { TasksPerJobMax = (int)v }),
        Limit(
            nameof(Limits.TasksPerChunkMax),
            SettingUnit.Count,
            (1, 10_000),
            "The most tasks of one chunk of a submit. Clients that submit in chunks must know it.",
            o => o.TasksPerChunkMax,
            (o, v) => o with { TasksPerChunkMax = (int)v }),
        Limit(
            nameof(Limits.ChunkBytesMax),
            SettingUnit.Bytes,
            (64 * KiB, 16 * MiB),
            "The most payload bytes of one chunk of a submit; a single larger payload is a chunk of its own.",
            o => o.ChunkBytesMax,
            (o, v) => o with { ChunkBytesMax = (int)v }),
        Limit(
            nameof(Limits.PayloadBytesMax),
            SettingUnit.Bytes,
            (1 * KiB, 16 * MiB),
            "The largest payload or result; larger things go by reference.",
            o => o.PayloadBytesMax,
            (o, v) => o with { PayloadBytesMax = (int)v }),
        Limit(
            nameof(Limits.DependenciesPerTaskMax),
            SettingUnit.Count,
            (0, 100_000),
            "The most dependencies of one task.",
            o => o.DependenciesPerTaskMax,
            (o, v) => o with { DependenciesPerTaskMax = (int)v }),
        Limit(
            nameof(Limits.DependenciesPerJobMax),
            SettingUnit.Count,
            (0, 40_000_000),
            "The most dependencies in one job.",
            o => o.DependenciesPerJobMax,
            (o, v) => o with { DependenciesPerJobMax = (int)v }),
    ];

    private static Setting[] NameLimits() =>
    [
        Limit(
            nameof(Limits.NameLengthMax),
            SettingUnit.Count,
            (1, 4_096),
            "The most characters of a job's or task's name, of a label's key or value.",
            o => o.NameLengthMax,
            (o, v) => o with { NameLengthMax = (int)v }),
        Limit(
            nameof(Limits.LabelsMax),
            SettingUnit.Count,
            (0, 1_000),
            "The most labels of one job or agent.",
            o => o.LabelsMax,
            (o, v) => o with { LabelsMax = (int)v }),
        Limit(
            nameof(Limits.KindLengthMax),
            SettingUnit.Count,
            (1, 128),
            "The most characters of a kind.",
            o => o.KindLengthMax,
            (o, v) => o with { KindLengthMax = (int)v }),
        Limit(
            nameof(Limits.KindsPerAgentMax),
            SettingUnit.Count,
            (1, 10_000),
            "The most kinds that one agent offers.",
            o => o.KindsPerAgentMax,
            (o, v) => o with { KindsPerAgentMax = (int)v }),
        Limit(
            nameof(Limits.KindsMax),
            SettingUnit.Count,
            (1, 1_000_000),
            "The most kinds that unended jobs and live agents name, together.",
            o => o.KindsMax,
            (o, v) => o with { KindsMax = (int)v }),
        Limit(
            nameof(Limits.FailureLengthMax),
            SettingUnit.Count,
            (256, 65_536),
            "The most characters of a failure's message; longer ones are cut.",
            o => o.FailureLengthMax,
            (o, v) => o with { FailureLengthMax = (int)v }),
        Limit(
            nameof(Limits.LeasesPerSessionMax),
            SettingUnit.Count,
            (1, 1_000_000),
            "The most leases that one session holds at once; on a cluster, requests served at the same moment may pass "
            + "it.",
            o => o.LeasesPerSessionMax,
            (o, v) => o with { LeasesPerSessionMax = (int)v }),
        Limit(
            nameof(Limits.EventsPerCheckpointMin),
            SettingUnit.Count,
            (10, 1_000),
            "A job writes down where it stands once in so many events, or fewer times where it has more than 100,000 "
            + "tasks.",
            o => o.EventsPerCheckpointMin,
            (o, v) => o with { EventsPerCheckpointMin = (int)v }),
    ];

    private static Setting Limit(
        string name,
        SettingUnit unit,
        (long Min, long Max) range,
        string description,
        Func<Limits, long> get,
        Func<Limits, long, Limits> set) => Of(
            $"limits.{char.ToLowerInvariant(name[0])}{name[1..]}",
            unit,
            range,
            description,
            o => get(o.Api.Limits),
            (o, v) => o with { Api = o.Api with { Limits = set(o.Api.Limits, v) } });
}
