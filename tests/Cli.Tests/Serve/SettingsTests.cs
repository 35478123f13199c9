using System.Collections;
using System.Reflection;
using Elasticity.Api;
using Elasticity.Cli.Tests.Reference;
using Elasticity.Cli.Tests.Support;
using Elasticity.Domain;
using Elasticity.Engine.Embedded;
using Elasticity.Engine.Embedded.Core;
using Elasticity.EventStore.PostgreSql;
using Elasticity.EventStore.Sqlite;
using Elasticity.Server;
using Elasticity.Server.Settings;
using Xunit;

namespace Elasticity.Cli.Tests.Serve;

/// <summary>Every limit can be set from outside, and nothing that is set is passed over.</summary>
public sealed class SettingsTests : IDisposable
{
    private const string Page = "docs/reference/settings.md";
    private const string Mark = "<!-- from here on: made by tests/Cli.Tests from ServerSettings -->\n";

    private static readonly (string Prefix, Type Type)[] Options =
    [
        ("limits", typeof(Limits)),
        ("api", typeof(ApiOptions)),
        ("engine", typeof(EngineOptions)),
        ("engine", typeof(CoreOptions)),
        ("server", typeof(ServerOptions)),
        ("sqlite", typeof(SqliteEventStoreOptions)),
        ("postgresql", typeof(PostgreSqlEventStoreOptions)),
    ];

    private readonly Workplace _here = new();

    public static TheoryData<string> Names => [.. ServerSettings.All.Select(s => s.Name)];

    public void Dispose() => _here.Dispose();

    [Fact]
    public void Every_number_and_time_in_the_options_is_a_setting() =>
        Assert.Equal(
            Options.SelectMany(o => o.Type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p.CanWrite && (p.PropertyType == typeof(int)
                    || p.PropertyType == typeof(long) || p.PropertyType == typeof(TimeSpan)))
                .Select(p => $"{o.Prefix}.{char.ToLowerInvariant(p.Name[0])}{p.Name[1..]}"))
                .Order(StringComparer.Ordinal),
            ServerSettings.All.Select(s => s.Name).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_setting_changes_what_it_is_called_after_and_nothing_else(string name)
    {
        Setting setting = ServerSettings.Find(name)!;
        ServerOptions before = new();
        foreach (long value in (long[])[setting.Min, setting.Max])
        {
            ServerOptions after = setting.Apply(before, setting.Show(value), "a test");

            Assert.Equal(value, setting.Get(after));
            Assert.All(
                ServerSettings.All.Where(s => s.Name != name), s => Assert.Equal(s.Get(before), s.Get(after)));
        }

        Assert.InRange(setting.Get(before), setting.Min, setting.Max);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_setting_refuses_what_is_out_of_its_range(string name)
    {
        Setting setting = ServerSettings.Find(name)!;
        string beyond = Of($"{name}={BeyondOf(setting)}").Message;

        Assert.Contains($"{name} is {setting.Range}", beyond);
        Assert.Contains("(--set)", beyond);
    }

    [Theory]
    [InlineData("limits.tasksPerJobMa=1", "Is it limits.tasksPerJobMax?")]
    [InlineData("payloadBytesMax=1", "Is it limits.payloadBytesMax?")]
    [InlineData("limits.unheardOf=1", "There is no setting limits.unheardOf (--set). 'elasticity")]
    [InlineData("limits.tasksPerJobMax=many", "a whole number, not 'many'")]
    [InlineData("limits.tasksPerJobMax=-1", "a whole number, not '-1'")]
    [InlineData("limits.tasksPerJobMax=0", "is 1 to 10000000, not 0")]
    [InlineData("limits.payloadBytesMax=1MB", "such as 262144, 256KiB or 64MiB, not '1MB'")]
    [InlineData("engine.tickInterval=soon", "such as 500ms, 90s, 5m, 2h or 1d, not 'soon'")]
    [InlineData("limits.tasksPerJobMax", "--set is NAME=VALUE")]
    [InlineData("api.pageMax=10", "api.pageDefault is at most api.pageMax: 100 is more than 10")]
    public void What_is_wrong_is_said(string assignment, string sentence)
    {
        ServerStartException refused = Of(assignment);

        Assert.Equal("settings-invalid", refused.Code);
        Assert.Contains(sentence, refused.Message);
    }

    [Theory]
    [InlineData("not JSON", "settings-unreadable")]
    [InlineData("[]", "settings-invalid")]
    [InlineData("""{"limits":{"tasksPerJobMax":null}}""", "settings-invalid")]
    [InlineData("""{"limits":{"tasksPerJobMax":1,"tasksPerJobMax":2}}""", "settings-unreadable")]
    [InlineData("""{"limit":{"tasksPerJobMax":1}}""", "settings-invalid")]
    public async Task A_file_with_a_slip_is_refused_by_name(string text, string code)
    {
        await File.WriteAllTextAsync(_here.Of("settings.json"), text);

        ServerStartException refused = Assert.Throws<ServerStartException>(() => SettingSources.Apply(
            new ServerOptions(), _here.Of("settings.json"), new Hashtable(), []));

        Assert.Equal(code, refused.Code);
        Assert.Contains("settings.json", refused.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused() =>
        Assert.Equal("settings-unreadable", Assert.Throws<ServerStartException>(() => SettingSources.Apply(
            new ServerOptions(), _here.Of("none.json"), new Hashtable(), [])).Code);

    [Fact]
    public async Task The_command_line_goes_before_the_environment_and_that_before_the_file()
    {
        await File.WriteAllTextAsync(_here.Of("elasticity.json"), """
            { // one for everybody who opens the directory
                "limits": { "tasksPerJobMax": 11, "LabelsMax": 12, "payloadBytesMax": "13KiB" },
                "engine": { "tickInterval": "100ms" },
            }
            """);
        Hashtable environment = new()
        {
            ["ELASTICITY__LIMITS__TASKSPERJOBMAX"] = "21",
            ["elasticity__limits__labelsMax"] = "22",
            ["ELASTICITY_SERVER"] = "http://not.a.setting",
        };

        (ServerOptions options, IReadOnlyDictionary<string, string> sources) = SettingSources.Apply(
            new ServerOptions { DataDirectory = _here.Path }, null, environment, ["limits.tasksPerJobMax = 31"]);

        Assert.Equal(31, options.Api.Limits.TasksPerJobMax);
        Assert.Equal(22, options.Api.Limits.LabelsMax);
        Assert.Equal(13 * 1024, options.EffectiveEngine.Core.Limits.PayloadBytesMax);
        Assert.Equal(TimeSpan.FromMilliseconds(100), options.Engine.Core.TickInterval);
        Assert.Equal("--set", sources["limits.tasksPerJobMax"]);
        Assert.Equal("environment variable elasticity__limits__labelsMax", sources["limits.labelsMax"]);
        Assert.Equal(_here.Of("elasticity.json"), sources["limits.payloadBytesMax"]);
        Assert.Equal(4, sources.Count);
    }

    [Fact]
    public void An_unknown_variable_is_refused_by_its_own_name()
    {
        Hashtable environment = new() { ["ELASTICITY__LIMITS__TASKSPERJOB"] = "1" };

        ServerStartException refused = Assert.Throws<ServerStartException>(
            () => SettingSources.Apply(new ServerOptions(), null, environment, []));

        Assert.Contains("environment variable ELASTICITY__LIMITS__TASKSPERJOB)", refused.Message);
        Assert.Contains("Is it limits.tasksPerJobMax?", refused.Message);
    }

    [Fact]
    public async Task A_limit_that_is_set_is_in_force()
    {
        (await _here.RunAsync("a\nb\nc\n", "run", "--exec", "echo", "--set", "limits.tasksPerJobMax=2"))
            .Exits(2).Says("limit-exceeded");
        (await _here.RunAsync("a\nb\n", "run", "--exec", "echo", "--set", "limits.tasksPerJobMax=2")).Exits(0);
        await File.WriteAllTextAsync(_here.Of("l.json"), """{"limits":{"tasksPerJobMax":1}}""");
        await File.WriteAllTextAsync(
            _here.Of("job.json"), """{"tasks":[{"kind":"k","payload":1},{"kind":"k","payload":2}]}""");
        (await _here.RunAsync("", "submit", "job.json")).Exits(0);
        File.Move(_here.Of("l.json"), _here.Of(".elasticity/elasticity.json"));
        (await _here.RunAsync("", "submit", "job.json")).Exits(2).Says("limit-exceeded");
        (await _here.RunAsync("a\n", "run", "--exec", "echo", "--set", "nonsense=1")).Exits(2).Says("settings-invalid");
    }

    [Fact]
    public async Task The_settings_in_force_are_shown()
    {
        Outcome shown = await _here.RunAsync("", "server", "--settings", "--set", "limits.payloadBytesMax=1MiB");

        Assert.Contains("1MiB", shown.Exits(0).Output.Split('\n').Single(
            l => l.StartsWith("limits.payloadBytesMax ", StringComparison.Ordinal)));
        Assert.Equal(ServerSettings.All.Count + 2, shown.Output.Split('\n').Length);
    }

    [Fact]
    public void The_page_says_what_there_is() =>
        Repository.ApproveAfter(Mark, Page, string.Concat(ServerSettings.All
            .GroupBy(s => s.Name.Split('.')[0])
            .Select(g => $"\n## {g.Key}\n\n| setting | default | range | |\n| --- | ---: | --- | --- |\n"
                + string.Concat(g.Select(
                    s => $"| `{s.Name}` | {s.Default} | {s.Range} | {s.Description} |\n")))));

    private static string BeyondOf(Setting setting) => setting.Unit == SettingUnit.Time
        ? $"{(setting.Max / 1_000) + 1}s"
        : $"{setting.Max + 1}";

    private static ServerStartException Of(string assignment) =>
        Assert.Throws<ServerStartException>(() => SettingSources.Apply(
            new ServerOptions(), null, new Hashtable(), [assignment]));
}
