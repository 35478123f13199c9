using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Elasticity.Agent.Sdk.Tests.Support;
using Elasticity.Contracts;
using Elasticity.Domain;
using Elasticity.Engine;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Elasticity.Agent.Sdk.Tests.EndToEnd;

/// <summary>Handlers over a real server.</summary>
public sealed partial class ExecutionTests : IAsyncLifetime
{
    private Site _site = null!;

    public async Task InitializeAsync() => _site = await Site.StartAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task Two_thousand_tasks_are_each_executed_once_and_recorded()
    {
        ConcurrentBag<int> seen = [];
        await using Worker worker = await Worker.StartAsync(_site.Address, a => a.AddHandler<int, int>(
            "count",
            (n, _, _) =>
            {
                seen.Add(n);
                return Task.FromResult(n * 2);
            }));

        JobId job = await _site.SubmitAsync(2_000);
        JobSummary end = await _site.EndOfAsync(job);

        Assert.Equal(JobWord.Succeeded, end.State);
        Assert.Equal(Enumerable.Range(0, 2_000), seen.Order());
        Assert.Equal("2468", (await _site.TaskAsync(job, 1_234)).Result.ToString());
        Assert.Equal(["task-leased-1", "task-succeeded-1"], await _site.HistoryAsync(job, 1_234));
    }

    [Fact]
    public async Task A_handler_that_fails_is_tried_again_and_sees_which_attempt_it_is()
    {
        await using Worker worker = await Worker.StartAsync(_site.Address, a => a.AddHandler<int, string>(
            "count",
            (_, context, _) => context.Attempt < 3
                ? throw new InvalidOperationException("Not yet.")
                : Task.FromResult($"{context.Attempt}/{context.Token}/{context.Run}")));

        JobId job = await _site.SubmitAsync(1);
        Assert.Equal(JobWord.Succeeded, (await _site.EndOfAsync(job)).State);
        TaskView task = await _site.TaskAsync(job);
        Assert.Equal("\"3/3/1\"", task.Result.ToString());
        Assert.Equal(2, task.Attempts);
    }

    [Fact]
    public async Task A_handler_may_fail_for_good_with_a_code_and_a_result()
    {
        await using Worker worker = await Worker.StartAsync(_site.Address, a => a.AddHandler<int>(
            "count",
            (_, _, _) => throw new TaskFailedException("exit-code", "1", isFinal: true)
            {
                Result = RawJson.Parse("{\"output\":\"x\"}"),
            }));

        JobId job = await _site.SubmitAsync(1);
        Assert.Equal(JobWord.Failed, (await _site.EndOfAsync(job)).State);
        TaskView task = await _site.TaskAsync(job);
        Assert.Equal(("exit-code", "1", "final-failure"), (task.Failure!.Code, task.Failure.Message, task.Reason));
        Assert.Equal("{\"output\":\"x\"}", task.Result.ToString());
    }

    [Fact]
    public async Task A_payload_that_does_not_fit_fails_for_good()
    {
        await using Worker worker = await Worker.StartAsync(
            _site.Address, a => a.AddHandler<int>("count", (_, _, _) => Task.CompletedTask));

        JobId job = await _site.SubmitAsync(1, payload: _ => "\"seven\"");
        await _site.EndOfAsync(job);
        TaskView task = await _site.TaskAsync(job);
        Assert.Equal(("payload-invalid", "final-failure"), (task.Failure!.Code, task.Reason));
    }

    [Fact]
    public async Task A_result_that_is_too_large_fails_the_attempt_and_says_so()
    {
        await using Worker worker = await Worker.StartAsync(_site.Address, a => a.AddHandler<int, string>(
            "count", (_, _, _) => Task.FromResult(new string('x', 300_000))));

        JobId job = await _site.SubmitAsync(1, attemptsMax: 1);
        await _site.EndOfAsync(job);
        Assert.Equal("result-refused", (await _site.TaskAsync(job)).Failure!.Code);
    }

    [Fact]
    public async Task A_class_handler_gets_its_own_scope_for_each_execution()
    {
        await using Worker worker = await Worker.StartAsync(_site.Address, a =>
        {
            a.Services.AddSingleton<Ledger>();
            a.Services.AddScoped<Unit>();
            a.AddHandler<ScopedHandler>("count");
            a.AddHandler<Silent>("silent");
        });

        JobId job = await _site.SubmitAsync(50);
        Assert.Equal(JobWord.Succeeded, (await _site.EndOfAsync(job)).State);
        JobId silent = await _site.SubmitAsync(1, "silent", payload: _ => null);
        Assert.Equal(JobWord.Succeeded, (await _site.EndOfAsync(silent)).State);
        Assert.True((await _site.TaskAsync(silent)).Result.IsNone);
        HashSet<string> units = [];
        for (int i = 0; i < 50; i++)
        {
            Assert.True(units.Add((await _site.TaskAsync(job, i)).Result.ToString()));
        }
    }

    [Fact]
    public async Task Json_may_come_from_a_source_generator_and_raw_json_passes_through()
    {
        await using Worker worker = await Worker.StartAsync(_site.Address, a => a
            .AddHandler(
                "typed",
                (Order order, TaskContext _, CancellationToken _) =>
                    Task.FromResult(order with { Quantity = order.Quantity + 1 }),
                OrderJson.Default.Order,
                OrderJson.Default.Order)
            .AddHandler<RawJson, RawJson>("raw", (json, _, _) => Task.FromResult(json)));

        JobId typed = await _site.SubmitAsync(1, "typed", payload: _ => """{"quantity_ordered":1}""");
        JobId raw = await _site.SubmitAsync(1, "raw", payload: _ => """{ "as" : "given" }""");
        await _site.EndOfAsync(typed);
        await _site.EndOfAsync(raw);
        Assert.Equal("""{"quantity_ordered":2}""", (await _site.TaskAsync(typed)).Result.ToString());
        Assert.Equal("""{ "as" : "given" }""", (await _site.TaskAsync(raw)).Result.ToString());
    }

    [Fact]
    public async Task Progress_is_seen_while_the_handler_runs()
    {
        TaskCompletionSource done = new();
        await using Worker worker = await Worker.StartAsync(
            _site.Address,
            a => a.AddHandler<int>("count", async (_, context, stop) =>
            {
                context.ReportProgress("half");
                await done.Task.WaitAsync(stop);
            }),
            o => o.ProgressInterval = TimeSpan.FromMilliseconds(10));

        JobId job = await _site.SubmitAsync(1);
        await _site.UntilAsync(job, (TaskView t) => t.Progress == "half");
        done.SetResult();
        await _site.EndOfAsync(job);
    }

    private sealed class Ledger
    {
        private int _count;

        public int Next() => Interlocked.Increment(ref _count);
    }

    private sealed class Unit(Ledger ledger)
    {
        public int Number { get; } = ledger.Next();
    }

    private sealed class ScopedHandler(Unit unit) : ITaskHandler<int, int>
    {
        public Task<int> ExecuteAsync(int payload, TaskContext context, CancellationToken cancellationToken)
        {
            Assert.Same(unit, context.Services.GetRequiredService<Unit>());
            return Task.FromResult(unit.Number);
        }
    }

    private sealed class Silent : ITaskHandler<string?>
    {
        public Task ExecuteAsync(string? payload, TaskContext context, CancellationToken cancellationToken)
        {
            Assert.Null(payload);
            Assert.Equal(cancellationToken, context.CancellationToken);
            return Task.CompletedTask;
        }
    }

    internal sealed record Order([property: JsonPropertyName("quantity_ordered")] int Quantity);

    [JsonSerializable(typeof(Order))]
    internal sealed partial class OrderJson : JsonSerializerContext;
}
