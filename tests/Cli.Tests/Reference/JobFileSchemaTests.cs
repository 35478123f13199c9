using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Elasticity.Cli.CommandLine;
using Elasticity.Cli.Exec;
using Elasticity.Cli.Run;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Xunit;

namespace Elasticity.Cli.Tests.Reference;

/// <summary>docs/reference/jobfile.schema.json against what reads job files.</summary>
public sealed class JobFileSchemaTests
{
    private static readonly JsonElement Root =
        JsonDocument.Parse(Repository.Read("docs/reference/jobfile.schema.json")).RootElement;

    private static readonly JobId Job = new("job");

    public static TheoryData<string, JsonTypeInfo> Objects => new()
    {
        { "", ContractsJson.Default.SubmitJob },
        { "policy", ContractsJson.Default.PolicyDocument },
        { "task", ContractsJson.Default.TaskInput },
        { "retry", ContractsJson.Default.RetryDocument },
        { "exec", ExecJson.Default.ExecTask },
    };

    [Theory]
    [MemberData(nameof(Objects))]
    public void The_schema_has_just_the_members_that_are_read(string definition, JsonTypeInfo type)
    {
        JsonElement schema = definition.Length == 0 ? Root : Root.GetProperty("$defs").GetProperty(definition);

        Assert.Equal(
            type.Properties.Where(p => p.Set is not null).Select(p => p.Name).Order(StringComparer.Ordinal),
            schema.GetProperty("properties").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
            type.Properties.Where(p => p.IsRequired).Select(p => p.Name),
            schema.TryGetProperty("required", out JsonElement required)
                ? required.EnumerateArray().Select(r => r.GetString()!)
                : []);
    }

    [Theory]
    [MemberData(nameof(JobFiles.Right), MemberType = typeof(JobFiles))]
    public async Task What_is_right_is_accepted_by_both(string json)
    {
        Assert.Null(await RefusalAsync(json));
        Assert.Null(ProblemOf(json));
    }

    [Theory]
    [MemberData(nameof(JobFiles.Wrong), MemberType = typeof(JobFiles))]
    public async Task What_is_wrong_is_refused_by_both(string json)
    {
        Assert.NotNull(await RefusalAsync(json));
        Assert.NotNull(ProblemOf(json));
    }

    [Theory]
    [MemberData(nameof(JobFiles.BeyondSchemas), MemberType = typeof(JobFiles))]
    public async Task What_no_schema_can_say_is_refused_by_the_reader(string json, string code)
    {
        Assert.Equal(code, await RefusalAsync(json));
        Assert.Null(ProblemOf(json));
    }

    [Fact]
    public void The_limits_in_the_schema_are_those_in_force()
    {
        JsonElement definitions = Root.GetProperty("$defs");
        JsonElement task = definitions.GetProperty("task").GetProperty("properties");
        Limits limits = Limits.Default;

        Assert.Equal(limits.TasksPerJobMax, Number(Root.GetProperty("properties").GetProperty("tasks"), "maxItems"));
        Assert.Equal(limits.DependenciesPerTaskMax, Number(task.GetProperty("dependsOn"), "maxItems"));
        Assert.Equal(limits.NameLengthMax, Number(task.GetProperty("name"), "maxLength"));
        Assert.Equal(
            limits.LabelsMax, Number(Root.GetProperty("properties").GetProperty("labels"), "maxProperties"));
        Assert.Contains($"{{1,{limits.KindLengthMax}}}", task.GetProperty("kind").GetProperty("pattern").GetString());
        Assert.Equal(
            ExecTask.TimeoutSecondsMax,
            Number(definitions.GetProperty("exec").GetProperty("properties").GetProperty("timeoutSeconds"), "maximum"));
    }

    private static double Number(JsonElement schema, string keyword) => schema.GetProperty(keyword).GetDouble();

    private static string? ProblemOf(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return new Schema(Root).Problem(document.RootElement);
    }

    // Kinds that 'run' does not execute are for 'submit'; what they need only an agent knows.
    private static async Task<string?> RefusalAsync(string json)
    {
        using MemoryStream input = new(Encoding.UTF8.GetBytes(json));
        try
        {
            JobFile file = await JobFile.ReadAsync("-", input, default);
            DraftResolution resolved = file.Draft.Resolve(Limits.Default);
            return resolved.Rejection?.Code
                ?? OpeningRefusal(file.Draft.Header, resolved)
                ?? (resolved.Tasks.Any(t => t.Kind == ExecTask.Kind && ExecTask.Read(t.Payload).Problem is not null)
                    ? RejectionCode.Invalid
                    : null);
        }
        catch (CliException e)
        {
            return e.Code;
        }
    }

    private static string? OpeningRefusal(JobHeader header, DraftResolution resolved)
    {
        JobCommand.Open open = new(
            DateTimeOffset.UnixEpoch, header, JobDigest.Of(header.Policy, resolved.Tasks), resolved.Tasks.Count);
        return JobDecider.Decide(Job, JobState.None, open, Limits.Default).Rejection?.Code;
    }
}
