using Elasticity.Simulator;
using Xunit;

namespace Elasticity.Simulation.Tests;

/// <summary>
/// The seeds that found bugs of the engine or the agent, named after them; docs/reliability.md tells their stories. A
/// seed is the world of the simulator that it failed in: when the simulator learns something new, the same seed
/// becomes another world. So a bug gets a test of its own, too, or a fault in sim/Saboteur that brings it back.
/// </summary>
public class FoundSeedTests
{
    [Fact]
    public void Delayed_tasks_of_a_cancelled_job_leave_their_queue() => Passes(1110);

    [Fact]
    public void A_repeated_request_whose_leases_end_while_their_chunk_is_read_is_answered() => Passes(1894);

    [Fact]
    public void An_agent_whose_leases_ended_after_a_failed_heartbeat_rests() => Passes(4);

    [Fact]
    public void An_agent_that_drains_does_not_repeat_a_failed_request_for_tasks() => Passes(191);

    [Fact]
    public void Two_engines_that_read_for_long_do_not_take_over_from_each_other_for_ever() => Passes(162);

    [Fact]
    public void A_former_owner_that_wakes_up_asks_before_it_answers_from_memory() => Passes(2883);

    [Fact]
    public void A_standby_leaves_an_engine_alone_that_still_reads() => Passes(1_795_181_788_846);

    [Fact]
    public void A_late_report_and_a_trim_at_once_do_not_write_to_one_stream() => Passes(1_795_184_403_628);

    [Fact]
    public void A_report_that_came_before_its_job_does_not_bring_back_what_its_task_was() => Passes(1064);

    [Fact]
    public void Requests_of_one_session_that_are_served_at_once_share_its_limit() => Passes(1_795_185_704_556);

    [Fact]
    public void What_is_ready_by_the_clock_of_one_engine_stays_ready_by_that_of_another() => Passes(1_795_740_885_561);

    [Fact]
    public void A_submit_that_is_repeated_while_its_job_is_trimmed_is_answered() => Passes(2341);

    [Fact]
    public void Whoever_asks_for_tasks_while_too_many_wait_is_heard_of() => Passes(62);

    [Fact]
    public void Ended_jobs_that_somebody_asks_about_do_not_count_as_open() => Passes(5144);

    [Fact]
    public void The_kinds_of_an_agent_take_turns_whoever_else_asks() => Passes(340);

    [Fact]
    public void A_heartbeat_that_hangs_does_not_hold_up_a_shorter_lease() => Passes(102);

    [Fact]
    public void What_is_given_back_is_kept_alive_until_it_is_told() => Passes(198);

    [Fact]
    public void Who_gives_up_does_not_take_longer_than_who_drains() => Passes(420);

    [Fact]
    public void Dead_letters_of_a_job_that_has_ended_are_not_told_of() => Passes(20_406);

    [Fact]
    public void A_kind_that_has_to_be_read_first_does_not_lose_its_turn() => Passes(1_795_773_156_427);

    [Fact]
    public void A_task_that_fails_while_its_job_stops_waits_for_nobody() => Passes(1_795_773_169_507);

    [Fact]
    public void A_task_that_was_reported_on_as_its_job_came_is_the_jobs() => Passes(1_795_773_218_596);

    [Fact]
    public void In_a_cluster_the_kinds_of_an_agent_take_turns() => PassesInCluster(246);

    [Fact]
    public void In_a_cluster_a_lease_whose_task_cannot_be_asked_is_not_lost() => PassesInCluster(24);

    [Fact]
    public void In_a_cluster_a_job_whose_second_activation_stood_still_goes_on() => PassesInCluster(26);

    [Fact]
    public void In_a_cluster_what_was_renewed_is_not_lost_because_the_agent_s_grain_moved() => PassesInCluster(111);

    [Fact]
    public void In_a_cluster_a_late_letter_does_not_begin_a_trimmed_task_anew() => PassesInCluster(8_000_000_099);

    [Fact]
    public void In_a_cluster_a_request_that_is_repeated_never_gets_more_than_it_asked_for() =>
        PassesInCluster(1_795_650_141_708);

    [Fact]
    public void In_a_cluster_a_queue_forgets_a_paused_job_that_ended() => PassesInCluster(1_795_675_236_053);

    [Fact]
    public void In_a_cluster_an_append_that_arrives_late_does_not_bring_back_a_trimmed_job() =>
        PassesInCluster(1_795_650_444_857);

    [Fact]
    public void In_a_cluster_what_an_agent_s_grain_could_not_be_told_of_is_not_lost() => PassesInCluster(876);

    [Fact]
    public void In_a_cluster_a_stale_task_does_not_take_a_lease_away() => PassesInCluster(4);

    [Fact]
    public void In_a_cluster_a_tombstone_tells_of_the_job_that_is_removed() => PassesInCluster(2_000_000_030_872);

    [Fact]
    public void In_a_cluster_whoever_reports_is_not_silent_meanwhile() => PassesInCluster(2_000_000_034_012);

    [Fact]
    public void In_a_cluster_a_job_that_came_and_was_trimmed_elsewhere_is_not_unknown() =>
        PassesInCluster(1_795_774_040_728);

    [Fact]
    public void In_a_cluster_a_session_that_is_heard_of_while_it_ends_is_not_told_that_all_is_well() =>
        PassesInCluster(3_000_000_618);

    [Theory]
    [InlineData(7_003_402)]
    [InlineData(1_795_183_935_824)]
    [InlineData(1_795_184_163_896)]
    [InlineData(1_795_773_213_801)]
    [InlineData(1_795_773_414_302)]
    [InlineData(1_795_773_514_125)]
    [InlineData(1_795_774_066_881)]
    public void The_simulator_does_not_find_what_is_not_there(ulong seed) => Passes(seed);

    [Theory]
    [InlineData(367)]
    [InlineData(1157)]
    [InlineData(10_002_357)]
    [InlineData(20_000_983)]
    [InlineData(1_795_691_233_971)]
    [InlineData(1_795_774_757_492)]
    [InlineData(2_000_000_060_250)]
    public void In_a_cluster_the_simulator_does_not_find_what_is_not_there(ulong seed) => PassesInCluster(seed);

    [Fact]
    public void A_job_that_was_paused_begins_its_turns_anew() => Passes(1_795_650_161_838); // The check was wrong.

    private static void Passes(ulong seed) => Passes(seed, EngineKind.Embedded);

    private static void PassesInCluster(ulong seed) => Passes(seed, EngineKind.Cluster);

    private static void Passes(ulong seed, EngineKind kind) => Assert.Null(
        Campaign.Run(seed, [], isTraced: false, choice: new Choice(kind, IsLong: false)).Failure);
}
