using Elasticity.EventStore.Contract;
using Xunit;

namespace Elasticity.EventStore.PostgreSql.Tests;

[RequiresEnvironment(PostgreSqlFixture.Variable, PostgreSqlFixture.Meaning)]
public sealed class OwnershipTests : PostgreSqlTest
{
    private static readonly TimeSpan Old = TimeSpan.FromSeconds(6);

    [ContractFact]
    public async Task Who_never_claimed_can_read_but_not_write()
    {
        PostgreSqlEventStore owner = await OpenAsync("host-a");
        await AppendedAsync(owner, "job/a");
        PostgreSqlEventStore reader = await OpenAsync();

        Assert.Equal(1, await LengthAsync(reader, "job/a"));
        Assert.False(await reader.RenewAsync(Ct));
        Assert.False(await reader.WasAppendedAsync(Guid.NewGuid(), Ct));
        await FencedAsync(reader, "job/b", "host-a");
    }

    [ContractFact]
    public async Task Nobody_owns_a_new_store()
    {
        await FencedAsync(await OpenAsync(), "job/a", "nobody");
    }

    [ContractFact]
    public async Task A_standby_is_told_who_owns_and_since_when()
    {
        await OpenAsync("host-a, process 7");
        await AgeAsync(TimeSpan.FromSeconds(3));
        PostgreSqlEventStore standby = await OpenAsync();

        OwnershipClaim claim = await standby.TryClaimAsync("host-b", Ct);

        Assert.False(claim.IsMine);
        Assert.Equal("host-a, process 7", claim.Owner);
        Assert.InRange(claim.RenewedAgo, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4.9));
    }

    [ContractFact]
    public async Task A_standby_takes_over_when_the_renewal_is_old_and_the_former_owner_writes_nothing_more()
    {
        PostgreSqlEventStore frozen = await OpenAsync("host-a");
        await AppendedAsync(frozen, "job/a");
        await AgeAsync(Old);

        PostgreSqlEventStore standby = await OpenAsync("host-b");

        await FencedAsync(frozen, "job/b", "host-b");
        Assert.False(await frozen.RenewAsync(Ct));
        await AppendedAsync(standby, "job/b");
    }

    [ContractFact]
    public async Task A_former_owner_can_do_nothing_else_either()
    {
        PostgreSqlEventStore frozen = await OpenAsync("host-a");
        StreamAppend ended = Make.Append(new StreamId("job/a"), StreamHead.None, Make.WithPayloads("x"))
            with
        { IsOpen = false };
        await frozen.AppendAsync(Make.Batch(ended) with { Jobs = [Make.Row("a", 1)] }, Ct);
        await AgeAsync(Old);
        await OpenAsync("host-b");

        StreamInfo stream = new(ended.Stream, ended.Next, IsOpen: false);
        Assert.IsType<AppendResult.Fenced>(await frozen.TrimAsync([stream], Numbers("trim/a"), Ct));
        await AssertLockedAsync(async () => await frozen.Jobs.ClearAsync(Ct));
        await AssertLockedAsync(async () => await frozen.Jobs.WriteAsync([Make.Row("b", 1)], isLast: true, Ct));
        await AssertLockedAsync(async () => await frozen.EraseAttachmentsAsync(
            ended.Stream, 1, Attachments.Erase(ended.Events[0].Attachments, _ => true), Ct));
        await frozen.ReleaseAsync(Ct);

        Assert.Equal("host-b", await Fixture.ScalarAsync<string>("SELECT name FROM owner"));
        Assert.Equal(1, await LengthAsync(frozen, "job/a"));
        Assert.Equal("a", Assert.Single(await frozen.Jobs.ListAsync(new JobFilter(), null, 10, Ct)).Id);
    }

    [ContractFact]
    public async Task A_renewal_far_in_the_future_does_not_keep_a_standby_out()
    {
        await OpenAsync("host-a");
        await AgeAsync(TimeSpan.FromDays(-1)); // The database's clock was a day ahead, and was put right.

        await OpenAsync("host-b");
    }

    [ContractFact]
    public async Task A_standby_need_not_wait_after_a_release()
    {
        PostgreSqlEventStore former = await OpenAsync("host-a");
        await former.ReleaseAsync(Ct);

        await FencedAsync(former, "job/a", "nobody");
        await OpenAsync("host-b");
    }

    [ContractFact]
    public async Task A_standby_need_not_wait_after_an_orderly_end()
    {
        PostgreSqlEventStore former = await OpenAsync("host-a");
        await former.DisposeAsync();

        await OpenAsync("host-b");
    }

    [ContractFact]
    public async Task An_owner_that_claims_again_keeps_the_store()
    {
        PostgreSqlEventStore owner = await OpenAsync("host-a");
        await AppendedAsync(owner, "job/a");

        Assert.True((await owner.TryClaimAsync("host-a", Ct)).IsMine);
        await AppendedAsync(owner, "job/b");
    }

    [ContractFact]
    public async Task A_former_owner_can_win_the_store_back()
    {
        PostgreSqlEventStore first = await OpenAsync("host-a");
        await AgeAsync(Old);
        PostgreSqlEventStore second = await OpenAsync("host-b");
        Assert.False((await first.TryClaimAsync("host-a", Ct)).IsMine);
        await second.ReleaseAsync(Ct);

        Assert.True((await first.TryClaimAsync("host-a", Ct)).IsMine);
        await AppendedAsync(first, "job/a");
        await FencedAsync(second, "job/b", "host-a");
    }

    [ContractFact]
    public async Task Of_many_that_claim_at_once_one_wins()
    {
        PostgreSqlEventStore[] stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OpenAsync()));

        OwnershipClaim[] claims =
            await Task.WhenAll(stores.Select((s, i) => s.TryClaimAsync($"host-{i}", Ct).AsTask()));

        Assert.Single(claims, c => c.IsMine);
        Assert.Single(claims.Select(c => c.Owner).Distinct());
    }

    [ContractFact]
    public async Task Renewing_and_appending_keep_a_standby_out()
    {
        PostgreSqlEventStore owner = await OpenAsync("host-a");
        PostgreSqlEventStore standby = await OpenAsync();

        await AgeAsync(Old);
        Assert.True(await owner.RenewAsync(Ct));
        Assert.False((await standby.TryClaimAsync("host-b", Ct)).IsMine);

        await AgeAsync(Old);
        await AppendedAsync(owner, "job/a");
        Assert.False((await standby.TryClaimAsync("host-b", Ct)).IsMine);

        await AgeAsync(Old);
        Assert.IsType<AppendResult.Conflict>(await owner.AppendAsync(Numbers("job/a"), Ct));
        Assert.False((await standby.TryClaimAsync("host-b", Ct)).IsMine);
    }

    [ContractFact]
    public async Task Not_every_append_changes_the_row_of_ownership()
    {
        PostgreSqlEventStore owner = await OpenAsync("host-a", TimeSpan.FromHours(1));
        await AppendedAsync(owner, "job/a");
        DateTime renewed = await Fixture.ScalarAsync<DateTime>("SELECT renewed_at FROM owner");

        await AppendedAsync(owner, "job/b");

        Assert.Equal(renewed, await Fixture.ScalarAsync<DateTime>("SELECT renewed_at FROM owner"));
    }

    private static async Task AssertLockedAsync(Func<Task> write) =>
        Assert.Equal("store-locked", (await Assert.ThrowsAsync<EventStoreException>(write)).Code);
}
