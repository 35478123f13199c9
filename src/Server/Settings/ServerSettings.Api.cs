using Elasticity.Api;

namespace Elasticity.Server.Settings;

public static partial class ServerSettings
{
    private static Setting[] BodySettings() =>
    [
        ForApi(
            nameof(ApiOptions.SubmitBytesMax),
            SettingUnit.Bytes,
            (1 * KiB, Array.MaxLength),
            "The largest body of POST /v1/jobs; beyond it submit in chunks.",
            o => o.SubmitBytesMax,
            (o, v) => o with { SubmitBytesMax = (int)v }),
        ForApi(
            nameof(ApiOptions.BodyBytesMax),
            SettingUnit.Bytes,
            (1 * KiB, Array.MaxLength),
            "The largest body of every other request; a batch of results must fit.",
            o => o.BodyBytesMax,
            (o, v) => o with { BodyBytesMax = (int)v }),
        ForApi(
            nameof(ApiOptions.BodyMemoryMax),
            SettingUnit.Bytes,
            (1 * MiB, 1_024 * GiB),
            "The memory that all request bodies together may take until they are answered; each counts with "
                + "about four times its length.",
            o => o.BodyMemoryMax,
            (o, v) => o with { BodyMemoryMax = v }),
        ForApi(
            nameof(ApiOptions.BodyWait),
            SettingUnit.Time,
            (1, Hour),
            "How long a body waits for that memory before it is refused.",
            o => Ms(o.BodyWait),
            (o, v) => o with { BodyWait = Time(v) }),
    ];

    private static Setting[] PageSettings() =>
    [
        ForApi(
            nameof(ApiOptions.PageDefault),
            SettingUnit.Count,
            (1, 1_000),
            "The size of a page where none is asked for.",
            o => o.PageDefault,
            (o, v) => o with { PageDefault = (int)v }),
        ForApi(
            nameof(ApiOptions.PageMax),
            SettingUnit.Count,
            (1, 1_000),
            "The largest page that can be asked for.",
            o => o.PageMax,
            (o, v) => o with { PageMax = (int)v }),
        ForApi(
            nameof(ApiOptions.PageWithPayloadsMax),
            SettingUnit.Count,
            (1, 1_000),
            "The largest page of tasks with payloads.",
            o => o.PageWithPayloadsMax,
            (o, v) => o with { PageWithPayloadsMax = (int)v }),
    ];

    private static Setting[] StreamSettings() =>
    [
        ForApi(
            nameof(ApiOptions.StreamsMax),
            SettingUnit.Count,
            (0, 1_000_000),
            "The most streams of server-sent events at once.",
            o => o.StreamsMax,
            (o, v) => o with { StreamsMax = (int)v }),
        ForApi(
            nameof(ApiOptions.WatchInterval),
            SettingUnit.Time,
            (1, Hour),
            "The shortest time between two events of a watched job.",
            o => Ms(o.WatchInterval),
            (o, v) => o with { WatchInterval = Time(v) }),
        ForApi(
            nameof(ApiOptions.KeepAlive),
            SettingUnit.Time,
            (1, Hour),
            "After how much silence a stream of events carries a comment.",
            o => Ms(o.KeepAlive),
            (o, v) => o with { KeepAlive = Time(v) }),
        ForApi(
            nameof(ApiOptions.ReadyTimeout),
            SettingUnit.Time,
            (1, Hour),
            "How long the engine may take to answer before /readyz says engine-lag.",
            o => Ms(o.ReadyTimeout),
            (o, v) => o with { ReadyTimeout = Time(v) }),
        ForApi(
            nameof(ApiOptions.MetricKindsMax),
            SettingUnit.Count,
            (0, 10_000),
            "The most kinds that /metrics names; the others are added up.",
            o => o.MetricKindsMax,
            (o, v) => o with { MetricKindsMax = (int)v }),
        ForServer(
            nameof(ServerOptions.ConnectionsMax),
            SettingUnit.Count,
            (1, 1_000_000),
            "The most connections at once; further ones are closed.",
            o => o.ConnectionsMax,
            (o, v) => o with { ConnectionsMax = (int)v }),
        ForServer(
            nameof(ServerOptions.StopTimeout),
            SettingUnit.Time,
            (0, Hour),
            "How long a stop waits for requests under way.",
            o => Ms(o.StopTimeout),
            (o, v) => o with { StopTimeout = Time(v) }),
    ];

    private static Setting ForApi(
        string name,
        SettingUnit unit,
        (long Min, long Max) range,
        string description,
        Func<ApiOptions, long> get,
        Func<ApiOptions, long, ApiOptions> set) => Of(
            $"api.{char.ToLowerInvariant(name[0])}{name[1..]}",
            unit,
            range,
            description,
            o => get(o.Api),
            (o, v) => o with { Api = set(o.Api, v) });

    private static Setting ForServer(
        string name,
        SettingUnit unit,
        (long Min, long Max) range,
        string description,
        Func<ServerOptions, long> get,
        Func<ServerOptions, long, ServerOptions> set) =>
        Of($"server.{char.ToLowerInvariant(name[0])}{name[1..]}", unit, range, description, get, set);
}
