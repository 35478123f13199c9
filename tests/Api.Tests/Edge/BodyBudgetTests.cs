using System.Net;
using System.Text;
using Elasticity.Api.Http;
using Elasticity.Api.Tests.Support;
using Elasticity.Engine;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Elasticity.Api.Tests.Edge;

/// <summary>Request bodies have one budget of memory.</summary>
public sealed class BodyBudgetTests
{
    private const int Large = 1024 * 1024;
    private const int Small = 1024;

    private static readonly ApiOptions Patient = new()
    {
        BodyMemoryMax = 8L * 1024 * 1024, // One large body, not two.
        BodyWait = TimeSpan.FromMinutes(10),
    };

    private static readonly ApiOptions Impatient = Patient with { BodyWait = TimeSpan.FromMilliseconds(1) };

    [Fact]
    public async Task A_body_waits_until_there_is_memory()
    {
        BodyBudget budget = new(Patient, TimeProvider.System);
        BodyBudget.Share first = await TakeAsync(budget, Large, default);
        Task<BodyBudget.Share> second = TakeAsync(budget, Large, default);
        Task<BodyBudget.Share> third = TakeAsync(budget, Large, default);
        Assert.False(second.IsCompleted);

        first.Dispose();
        first.Dispose(); // Giving it back twice gives it back once.

        using (await second)
        {
            Assert.False(third.IsCompleted);
        }

        (await third).Dispose();
    }

    [Fact]
    public async Task Small_bodies_do_not_stand_behind_large_ones()
    {
        BodyBudget budget = new(Patient, TimeProvider.System);
        using BodyBudget.Share large = await TakeAsync(budget, Large, default);
        Task<BodyBudget.Share> waiting = TakeAsync(budget, Large, default);

        Task<BodyBudget.Share> small = TakeAsync(budget, Small, default);

        Assert.True(small.IsCompletedSuccessfully);
        (await small).Dispose();
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task A_body_does_not_wait_for_ever()
    {
        BodyBudget budget = new(Impatient, TimeProvider.System);
        BodyBudget.Share first = await TakeAsync(budget, Large, default);

        RefusedException refused = await Assert.ThrowsAsync<RefusedException>(
            () => TakeAsync(budget, Large, default));

        Assert.Equal("engine-overloaded", refused.Code);
        first.Dispose();
        Assert.True(TakeAsync(budget, Large, default).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_queue()
    {
        BodyBudget budget = new(Patient, TimeProvider.System);
        using CancellationTokenSource gone = new();
        BodyBudget.Share first = await TakeAsync(budget, Large, default);
        Task<BodyBudget.Share> second = TakeAsync(budget, Large * 2, gone.Token);
        Task<BodyBudget.Share> third = TakeAsync(budget, BodyBudget.SmallBytes + 1, default);
        Assert.False(third.IsCompleted);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        (await third).Dispose();
        first.Dispose();
        Assert.True(TakeAsync(budget, Large, default).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Only_so_many_wait()
    {
        BodyBudget budget = new(Patient, TimeProvider.System);
        using BodyBudget.Share first = await TakeAsync(budget, Large, default);
        for (int i = 0; i < 128; i++)
        {
            _ = TakeAsync(budget, Large, default);
        }

        await Assert.ThrowsAsync<RefusedException>(() => TakeAsync(budget, Large, default));
    }

    [Fact]
    public async Task A_body_larger_than_the_budget_comes_in_alone()
    {
        BodyBudget budget = new(Patient, TimeProvider.System);

        using (BodyBudget.Share huge = await TakeAsync(budget, 100 * Large, default))
        {
            Assert.False(TakeAsync(budget, Large, default).IsCompleted);
        }
    }

    [Fact]
    public async Task What_a_body_needs_more_others_wait_for()
    {
        BodyBudget budget = new(Patient, TimeProvider.System);
        BodyBudget.Share first = await TakeAsync(budget, BodyBudget.SmallBytes + 1, default);
        first.Add(8 * Large);

        Task<BodyBudget.Share> second = TakeAsync(budget, BodyBudget.SmallBytes + 1, default);

        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_holds_its_memory_until_it_is_answered(bool isLengthSaid)
    {
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using SemaphoreSlim answer = new(0);
        FakeElasticity engine = new()
        {
            Submit = s =>
            {
                entered.TrySetResult();
                answer.Wait();
                return new SubmitReceipt(Some.Job(s.Id.Value), IsNew: true);
            },
        };
        await using ApiHost host = await ApiHost.StartAsync(engine, Impatient);

        Task<HttpResponseMessage> first = Task.Run(() => SubmitAsync(host, Large, isLengthSaid));
        await entered.Task;
        await SubmitAsync(host, Large, isLengthSaid).ProblemAsync(429, "engine-overloaded");
        answer.Release(3);

        Assert.Equal(HttpStatusCode.Created, (await SubmitAsync(host, Small, isLengthSaid)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await first).StatusCode);
        await Wait.UntilAsync(() => Task.FromResult(IsFree(host)));
        Assert.Equal(HttpStatusCode.Created, (await SubmitAsync(host, Large, isLengthSaid)).StatusCode);
    }

    [Fact]
    public async Task A_lease_request_that_waits_holds_nothing()
    {
        TaskCompletionSource<Reply<LeaseGrant>> grant = new();
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        FakeElasticity engine = new()
        {
            Lease = (_, _) =>
            {
                entered.TrySetResult();
                return new ValueTask<Reply<LeaseGrant>>(grant.Task);
            },
        };
        await using ApiHost host = await ApiHost.StartAsync(engine, Impatient);
        string body = """{"requestId":"r","max":1,"waitSeconds":30}""" + new string(' ', Large);

        Task<HttpResponseMessage> waiting = host.PostAsync("/v1/agents/a/sessions/s/lease", body);
        await entered.Task;

        Assert.True(IsFree(host));
        grant.SetResult(LeaseGrant.Nothing);
        (await waiting).Dispose();
    }

    private static Task<BodyBudget.Share> TakeAsync(BodyBudget budget, int bytes, CancellationToken giveUp) =>
        budget.TakeAsync(bytes, giveUp).AsTask();

    private static bool IsFree(ApiHost host)
    {
        Task<BodyBudget.Share> taken = TakeAsync(
            host.Services.GetRequiredService<BodyBudget>(), 100 * Large, default);
        if (!taken.IsCompletedSuccessfully)
        {
            return false;
        }

        taken.Result.Dispose();
        return true;
    }

    private static Task<HttpResponseMessage> SubmitAsync(ApiHost host, int length, bool isLengthSaid)
    {
        string json = """{"tasks":[]}""" + new string(' ', length);
        byte[] body = Encoding.UTF8.GetBytes(json);
        HttpContent content = isLengthSaid ? new ByteArrayContent(body) : new StreamContent(new Unseekable(body));
        content.Headers.ContentType = new("application/json");
        return host.Client.PostAsync("/v1/jobs", content);
    }

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false; // Its length is not known before its end.
    }
}
