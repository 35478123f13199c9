using Elasticity.Domain.Agents;
using Elasticity.Domain.Tests.Support;
using Xunit;
using static Elasticity.Domain.Tests.Support.Some;

namespace Elasticity.Domain.Tests.Reference;

/// <summary>docs/reference/agent-transitions.md.</summary>
public class AgentTransitionsTests
{
    private const string Introduction =
        "Its session is the live or the last one; in every state but the first it had one before.";

    private static readonly SessionId Former = new("session-before");
    private static readonly SessionId Unknown = new("session-unknown");

    private static readonly GivenAgent Live = GivenAgent.Registered(Former)
        .After(new AgentCommand.Register(T0, Session, AgentOffer(Kind)));

    private static readonly (string Name, AgentState State)[] States =
    [
        ("never registered", AgentState.None),
        ("live", Live.State),
        ("draining", Live.And(new AgentEvent.Draining(T0, Session)).State),
        ("gone", Live.And(new AgentEvent.SessionEnded(T0, Session, "closed")).State),
    ];

    [Fact]
    public void The_page_is_what_the_domain_does() =>
        Repository.Approve("docs/reference/agent-transitions.md", Table().Render());

    [Fact]
    public void The_page_shows_every_case()
    {
        TransitionTable<AgentState, AgentEvent> table = Table();
        table.Render();

        Assert.Equal(Repository.CasesOf(typeof(AgentCommand)), table.Commands);
        Assert.Equal(Repository.CasesOf(typeof(AgentEvent)), table.Events);
        Assert.Equal(Enum.GetValues<AgentPhase>(), States.Select(s => s.State.Phase).Distinct().Order());
    }

    private static TransitionTable<AgentState, AgentEvent> Table()
    {
        TransitionTable<AgentState, AgentEvent> table = new("What an agent does", Introduction, States);
        AddBySession(table, "Register", s => new AgentCommand.Register(T0, s, AgentOffer(Kind)));
        AddBySession(table, "Drain", s => new AgentCommand.Drain(T0, s));
        AddBySession(table, "EndSession", s => new AgentCommand.EndSession(T0, s, "closed"));
        table.Add("Attach", "", s => AgentDecider.Decide(Agent, s, new AgentCommand.Attach(T0), Limits.Default));
        return table;
    }

    private static void AddBySession(
        TransitionTable<AgentState, AgentEvent> table, string command, Func<SessionId, AgentCommand> make)
    {
        foreach ((string way, SessionId session) in ((string, SessionId)[])
            [("its session", Session), ("a session before", Former), ("a session never heard of", Unknown)])
        {
            table.Add(command, way, s => s.Phase == AgentPhase.None && session != Unknown
                ? null
                : AgentDecider.Decide(Agent, s, make(session), Limits.Default));
        }
    }
}
