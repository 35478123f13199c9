using System.Text.Json;
using Elasticity.Domain;
using Elasticity.Domain.Agents;
using static Elasticity.Simulator.Checks.Law;

namespace Elasticity.Simulator.Checks;

/// <summary>What may happen to an agent.</summary>
internal static class AgentRules
{
    /// <summary>How a session ends when another takes its place.</summary>
    public const string Superseded = "agent-superseded";

    public static void Apply(ModelAgent a, string type, JsonElement e, Ledger ledger)
    {
        if (type == "agent-attached-1")
        {
            Require(a.IsOpen, "sessions-in-order", a.Id, $"attached; {a.Phase}");
            return;
        }

        string session = e.Text("session");
        Holder holder = new(new AgentId(a.Id), new SessionId(session));
        switch (type)
        {
            case "agent-registered-1":
                Require(a.Session != session, "sessions-in-order", a.Id, $"session {session} registered twice");
                Require(ledger.Does(holder.ToString(), "Register"), "sessions-in-order", a.Id, "registered unasked");
                if (a.IsOpen)
                {
                    a.EndedAs[a.Session] = Superseded;
                }

                (a.Session, a.Phase, a.SessionIn, a.DrainKnownIn) = (session, "live", ledger.Batch, 0);
                a.Kinds =
                [
                    .. e.GetProperty("offer").GetProperty("kinds").EnumerateArray().Select(k => k.GetString()!),
                ];
                CheckOffer(a, e.GetProperty("offer"), ledger.OfferOf(holder));
                a.CouldLease.Add(session);
                a.Sessions.Add(session);
                break;
            case "agent-draining-1":
                Require(
                    a.Phase == "live" && session == a.Session, "sessions-in-order", a.Id,
                    $"{session} drains; {a.Phase}");
                Require(ledger.Does(holder.ToString(), "Drain"), "sessions-in-order", a.Id, "drains unasked");
                (a.Phase, a.DrainKnownIn) = ("draining", ledger.IsAtomic ? ledger.Batch : long.MaxValue);
                break;
            case "agent-session-ended-1":
                Require(
                    a.IsOpen && session == a.Session, "sessions-in-order", a.Id,
                    $"session {session} ends; {a.Session} is {a.Phase}");
                string reason = e.Text("reason");
                Require(
                    reason is "silent" or "process-dead" // For which there are SilenceRules.
                        || (reason == "closed" && ledger.Does(holder.ToString(), "EndSession")),
                    "sessions-in-order", a.Id, $"ended as {reason}");
                (a.Phase, a.EndedAs[session], a.GoneIn) = ("gone", reason, ledger.Batch);
                break;
            default:
                throw new Violation("event-known", a.Id, type);
        }
    }

    /// <summary>What an agent said about itself is stored as it said it.</summary>
    private static void CheckOffer(ModelAgent a, JsonElement e, AgentOffer? said)
    {
        Require(
            said is null || (a.Kinds.SequenceEqual(said.Kinds) && e.Int("slots") == said.Slots
                && e.GetProperty("isInProcess").GetBoolean() == said.IsInProcess
                && e.GetProperty("labels").Texts().SequenceEqual(said.Labels)),
            "stored-as-submitted", a.Id, $"{e}, said was {said}");
    }
}
