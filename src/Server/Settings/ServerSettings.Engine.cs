using Elasticity.Engine.Embedded;
using Elasticity.Engine.Embedded.Core;

namespace Elasticity.Server.Settings;

public static partial class ServerSettings
{
    private static Setting[] CoreSettings() =>
    [
        ForCore(
            nameof(CoreOptions.ChunkCacheBytesMax),
            SettingUnit.Bytes,
            (1 * MiB, 64 * GiB),
            "The most bytes of chunks of tasks kept in memory, payloads included.",
            o => o.ChunkCacheBytesMax,
            (o, v) => o with { ChunkCacheBytesMax = v }),
        ForCore(
            nameof(CoreOptions.TasksPerSweepStep),
            SettingUnit.Count,
            (1, 100_000),
            "The most tasks that one step cancels or skips.",
            o => o.TasksPerSweepStep,
            (o, v) => o with { TasksPerSweepStep = (int)v }),
        ForCore(
            nameof(CoreOptions.PagesPerSweepStep),
            SettingUnit.Count,
            (1, 10_000),
            "The most pages of what is outstanding that one step sends.",
            o => o.PagesPerSweepStep,
            (o, v) => o with { PagesPerSweepStep = (int)v }),
        ForCore(
            nameof(CoreOptions.TickInterval),
            SettingUnit.Time,
            (10, 10 * Second),
            "How often the engine looks at its clocks when nothing happens.",
            o => Ms(o.TickInterval),
            (o, v) => o with { TickInterval = Time(v) }),
        ForCore(
            nameof(CoreOptions.SessionSilenceMax),
            SettingUnit.Time,
            (2 * Minute, 7 * 24 * Hour),
            "A session that was silent for so long and holds no lease is over.",
            o => Ms(o.SessionSilenceMax),
            (o, v) => o with { SessionSilenceMax = Time(v) }),
        ForCore(
            nameof(CoreOptions.WaitingRequestsMax),
            SettingUnit.Count,
            (1, 1_000_000),
            "The most lease requests that wait at once.",
            o => o.WaitingRequestsMax,
            (o, v) => o with { WaitingRequestsMax = (int)v }),
        ForCore(
            nameof(CoreOptions.OpenJobsMax),
            SettingUnit.Count,
            (1, 10_000_000),
            "The most unended jobs.",
            o => o.OpenJobsMax,
            (o, v) => o with { OpenJobsMax = (int)v }),
        ForCore(
            nameof(CoreOptions.AgentsMax),
            SettingUnit.Count,
            (1, 1_000_000),
            "The most live agents.",
            o => o.AgentsMax,
            (o, v) => o with { AgentsMax = (int)v }),
    ];

    private static Setting[] PumpSettings() =>
    [
        ForEngine(
            nameof(EngineOptions.InboxMax),
            SettingUnit.Count,
            (1, 1_000_000),
            "The most commands that wait to be decided.",
            o => o.InboxMax,
            (o, v) => o with { InboxMax = (int)v }),
        ForEngine(
            nameof(EngineOptions.InboxBytesMax),
            SettingUnit.Bytes,
            (1 * MiB, 16 * GiB),
            "The most bytes of payloads and results that wait to be decided.",
            o => o.InboxBytesMax,
            (o, v) => o with { InboxBytesMax = v }),
        ForEngine(
            nameof(EngineOptions.BatchEventsMax),
            SettingUnit.Count,
            (1, 1_000_000),
            "From so many events on, a batch waits until the one before it is durable.",
            o => o.BatchEventsMax,
            (o, v) => o with { BatchEventsMax = (int)v }),
        ForEngine(
            nameof(EngineOptions.BatchBytesMax),
            SettingUnit.Bytes,
            (64 * KiB, 256 * MiB),
            "From so many bytes on, likewise.",
            o => o.BatchBytesMax,
            (o, v) => o with { BatchBytesMax = v }),
        ForEngine(
            nameof(EngineOptions.RecoveryDelayFirst),
            SettingUnit.Time,
            (10, Hour),
            "The first wait after the store failed; doubled each time.",
            o => Ms(o.RecoveryDelayFirst),
            (o, v) => o with { RecoveryDelayFirst = Time(v) }),
        ForEngine(
            nameof(EngineOptions.RecoveryDelayMax),
            SettingUnit.Time,
            (10, Hour),
            "The longest wait between two attempts to recover.",
            o => Ms(o.RecoveryDelayMax),
            (o, v) => o with { RecoveryDelayMax = Time(v) }),
        ForEngine(
            nameof(EngineOptions.StandbyInterval),
            SettingUnit.Time,
            (50, Minute),
            "How often a standby looks whether it can take over.",
            o => Ms(o.StandbyInterval),
            (o, v) => o with { StandbyInterval = Time(v) }),
        ForEngine(
            nameof(EngineOptions.StopTimeout),
            SettingUnit.Time,
            (100, Hour),
            "How long a stop waits for what was already decided.",
            o => Ms(o.StopTimeout),
            (o, v) => o with { StopTimeout = Time(v) }),
    ];

    private static Setting ForCore(
        string name,
        SettingUnit unit,
        (long Min, long Max) range,
        string description,
        Func<CoreOptions, long> get,
        Func<CoreOptions, long, CoreOptions> set) => ForEngine(
            name, unit, range, description, o => get(o.Core), (o, v) => o with { Core = set(o.Core, v) });

    private static Setting ForEngine(
        string name,
        SettingUnit unit,
        (long Min, long Max) range,
        string description,
        Func<EngineOptions, long> get,
        Func<EngineOptions, long, EngineOptions> set) => Of(
            $"engine.{char.ToLowerInvariant(name[0])}{name[1..]}",
            unit,
            range,
            description,
            o => get(o.Engine),
            (o, v) => o with { Engine = set(o.Engine, v) });
}
