using Elasticity.Domain.Agents;

namespace Elasticity.Domain.Tests.Support;

/// <summary>An agent with a past.</summary>
internal sealed record GivenAgent(AgentState State)
{
    public static GivenAgent Nothing { get; } = new(AgentState.None);

    public static GivenAgent Registered(SessionId session) => Nothing.And(
        new AgentEvent.Registered(Some.T0, session, Some.AgentOffer(Some.Kind)));

    public GivenAgent And(params AgentEvent[] events) => new(events.Aggregate(State, AgentDecider.Evolve));

    /// <summary>What happens after a command.</summary>
    public GivenAgent After(AgentCommand command) => And([.. When(command).Decision.Events]);

    public Then<AgentEvent> When(AgentCommand command, Limits? limits = null) =>
        new(AgentDecider.Decide(Some.Agent, State, command, limits ?? Limits.Default));
}
