using Elasticity.EventStore.Contract;
using Npgsql;
using Xunit;

namespace Elasticity.EventStore.PostgreSql.Tests;

/// <summary>A commit of one owner and the claim of another at the same time: the row lock decides, both ways.</summary>
[RequiresEnvironment(PostgreSqlFixture.Variable, PostgreSqlFixture.Meaning)]
public sealed class TakeoverTests : PostgreSqlTest
{
    private static readonly TimeSpan Old = TimeSpan.FromSeconds(6);

    [ContractFact]
    public async Task A_claim_waits_for_the_commit_that_had_begun_and_then_finds_its_renewal()
    {
        NpgsqlTransaction commit = await CommitUnderWayAsync(Old);
        PostgreSqlEventStore standby = await OpenAsync();
        Task<OwnershipClaim> claim = standby.TryClaimAsync("host-b", Ct).AsTask();
        await WaitingBackendAsync("SELECT coalesce(claimed_epoch");

        await RunAsync(commit.Connection!, "UPDATE owner SET renewed_at = clock_timestamp()");
        await commit.CommitAsync(Ct);

        Assert.False((await claim).IsMine);
    }

    [ContractFact]
    public async Task A_claim_waits_for_the_commit_that_had_begun_and_takes_over_when_it_comes_to_nothing()
    {
        NpgsqlTransaction commit = await CommitUnderWayAsync(Old);
        PostgreSqlEventStore standby = await OpenAsync();
        Task<OwnershipClaim> claim = standby.TryClaimAsync("host-b", Ct).AsTask();
        await WaitingBackendAsync("SELECT coalesce(claimed_epoch");

        await commit.RollbackAsync(Ct);

        Assert.True((await claim).IsMine);
        await AppendedAsync(standby, "job/a");
    }

    [ContractFact]
    public async Task A_commit_that_waits_for_a_claim_is_fenced()
    {
        PostgreSqlEventStore frozen = await OpenAsync("host-a");
        await AgeAsync(Old);
        (NpgsqlConnection other, NpgsqlTransaction claim) = await BeginAsync();
        await RunAsync(other, $"SELECT claim('{Guid.NewGuid()}', 'host-b', interval '5 s', false)");
        Task<AppendResult> append = frozen.AppendAsync(Numbers("job/a"), Ct).AsTask();
        await WaitingBackendAsync("SELECT batch, stream");

        await claim.CommitAsync(Ct);

        Assert.Equal("host-b", Assert.IsType<AppendResult.Fenced>(await append).Owner);
        Assert.Equal(0, await LengthAsync(frozen, "job/a"));
    }

    [ContractFact]
    public async Task A_commit_that_waits_for_a_claim_goes_through_when_the_claim_comes_to_nothing()
    {
        PostgreSqlEventStore owner = await OpenAsync("host-a");
        await AgeAsync(Old);
        (NpgsqlConnection other, NpgsqlTransaction claim) = await BeginAsync();
        await RunAsync(other, $"SELECT claim('{Guid.NewGuid()}', 'host-b', interval '5 s', false)");
        Task<AppendResult> append = owner.AppendAsync(Numbers("job/a"), Ct).AsTask();
        await WaitingBackendAsync("SELECT batch, stream");

        await claim.RollbackAsync(Ct);

        Assert.IsType<AppendResult.Appended>(await append);
    }

    [ContractFact]
    public async Task An_owner_that_froze_inside_a_commit_is_cut_off()
    {
        NpgsqlTransaction commit = await CommitUnderWayAsync(TimeSpan.FromMinutes(1));
        PostgreSqlEventStore standby = await OpenAsync(timeout: TimeSpan.FromSeconds(1));

        Assert.True((await standby.TryClaimAsync("host-b", Ct)).IsMine);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => commit.CommitAsync(Ct));
        await AppendedAsync(standby, "job/a");
    }

    [ContractFact]
    public async Task An_owner_that_is_only_slow_inside_a_commit_is_left_alone()
    {
        NpgsqlTransaction commit = await CommitUnderWayAsync(TimeSpan.Zero);
        PostgreSqlEventStore standby = await OpenAsync(timeout: TimeSpan.FromSeconds(1));

        OwnershipClaim claim = await standby.TryClaimAsync("host-b", Ct);

        Assert.False(claim.IsMine);
        Assert.Equal("host-a", claim.Owner);
        await commit.CommitAsync(Ct);
    }

    /// <summary>The owner was silent for so long, and is now inside a commit that does not end.</summary>
    private async Task<NpgsqlTransaction> CommitUnderWayAsync(TimeSpan silence)
    {
        await OpenAsync("host-a");
        await AgeAsync(silence);
        (NpgsqlConnection connection, NpgsqlTransaction commit) = await BeginAsync();
        Assert.Equal(true, await RunAsync(connection, $"SELECT lock_owner({await EpochAsync()})"));
        return commit;
    }
}
