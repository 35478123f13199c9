using System.Collections.Immutable;
using Elasticity.Domain;

namespace Elasticity.Engine;

/// <summary>A message of the domain with what is needed to deliver it.</summary>
/// <param name="Message">The message.</param>
/// <param name="Agent">The agent that it goes to; null for messages to others.</param>
/// <param name="Kinds">The queues that it goes to, for a message that names none; empty otherwise.</param>
/// <param name="Kind">The kind of the task it is about; null when nobody needs it.</param>
/// <param name="Head">The head hash of the task's stream, for an outcome; null otherwise.</param>
public sealed record Letter(
    Message Message,
    AgentId? Agent = null,
    ImmutableArray<string> Kinds = default,
    string? Kind = null,
    string? Head = null);
