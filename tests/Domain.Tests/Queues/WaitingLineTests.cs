using Elasticity.Domain.Queues;
using Xunit;

namespace Elasticity.Domain.Tests.Queues;

/// <summary>Who waits at a queue, and who is woken.</summary>
public class WaitingLineTests
{
    private static readonly TimeSpan Now = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly Guid First = Guid.NewGuid();
    private static readonly Guid Middle = Guid.NewGuid();
    private static readonly Guid Last = Guid.NewGuid();

    private readonly WaitingLine _line = new();

    public WaitingLineTests()
    {
        _line.Join(First);
        _line.Join(Middle);
        _line.Join(Last);
    }

    [Fact]
    public void As_many_are_woken_as_there_are_tasks_in_the_order_in_which_they_came()
    {
        Assert.Empty(_line.Wake(0, Now));
        Assert.Equal([First, Middle], _line.Wake(2, Now));
        Assert.Equal([Last], _line.Tickets);
        Assert.Equal([Last], _line.Wake(9, Now));
        Assert.Equal(0, _line.Count);
    }

    [Fact]
    public void A_task_that_is_heard_of_again_wakes_nobody_else()
    {
        Assert.Equal([First], _line.Wake(1, Now));

        Assert.Empty(_line.Wake(1, Now));
        Assert.Equal([Middle], _line.Wake(2, Now));
    }

    [Fact]
    public void Who_was_woken_is_given_a_task_however_many_others_want()
    {
        _line.Wake(2, Now);

        Assert.Equal(0, _line.Ask(Last, 2));
        Assert.Equal(1, _line.Ask(Middle, 2));
        Assert.Equal(1, _line.Ask(First, 1));
        Assert.Equal(5, _line.Ask(Last, 5));
    }

    [Fact]
    public void Who_was_woken_in_vain_is_given_nothing()
    {
        _line.Wake(2, Now);

        Assert.Equal(0, _line.Ask(First, 0)); // The tasks were withdrawn.
    }

    [Fact]
    public void Who_has_asked_has_no_claim_any_more()
    {
        _line.Wake(1, Now);

        _line.Ask(First, 1);
        Assert.False(_line.TryEndClaim(First));
        Assert.Equal([Middle], _line.Wake(1, Now));
    }

    [Fact]
    public void Who_will_not_ask_has_no_claim_any_more()
    {
        _line.Wake(1, Now);

        Assert.True(_line.TryEndClaim(First));
        Assert.False(_line.TryEndClaim(First));
        Assert.False(_line.TryEndClaim(Last));
        Assert.Equal([Middle], _line.Wake(1, Now));
    }

    [Fact]
    public void Who_does_not_ask_for_two_looks_keeps_nobody_from_the_task()
    {
        _line.Wake(1, Now);

        _line.EndOldClaims(); // It may have been woken just before.
        Assert.Empty(_line.Wake(1, Now));

        _line.EndOldClaims();
        Assert.Equal([Middle], _line.Wake(1, Now));
    }

    [Fact]
    public void Who_asks_after_a_look_still_has_its_claim()
    {
        _line.Wake(1, Now);
        _line.EndOldClaims();

        Assert.Equal(1, _line.Ask(First, 1));
        Assert.Equal([Middle], _line.Wake(1, Now));
    }

    [Fact]
    public void Who_was_woken_for_nothing_waits_where_it_waited_and_has_no_claim()
    {
        _line.Wake(2, Now);

        _line.Join(Middle);
        _line.Join(First);
        Assert.Equal([First, Middle, Last], _line.Tickets);
        Assert.Equal([First], _line.Wake(1, Now));
    }

    [Fact]
    public void Who_left_does_not_wait_and_finds_its_place_again()
    {
        Assert.True(_line.Leave(First, Now));
        Assert.False(_line.Leave(First, Now));

        Assert.Equal([Middle, Last], _line.Tickets);
        Assert.False(_line.TryEndClaim(First));
        _line.Join(First);
        Assert.Equal([First, Middle, Last], _line.Tickets);
    }

    [Fact]
    public void Who_left_long_ago_waits_behind_the_others()
    {
        _line.Leave(First, Now);
        _line.Leave(Middle, Now + Second);

        _line.Forget(Now + Second);
        _line.Join(First);
        _line.Join(Middle);
        Assert.Equal([Middle, Last, First], _line.Tickets);
    }
}
