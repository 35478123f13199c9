namespace Elasticity.Agent.Sdk;

/// <summary>The agent cannot go on: another process has its id, or the server refuses it. Ends the hosted service, and
/// by default the host with it.</summary>
public sealed class AgentStoppedException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">See <see cref="Code"/>.</param>
    /// <param name="message">One sentence for a human, with what to do.</param>
    public AgentStoppedException(string code, string message)
        : base(message) => Code = code;

    /// <summary><c>agent-superseded</c>, or the code with which the server refused the registration, such as
    /// <c>unauthorized</c> or <c>invalid</c>; empty when what answered is no Elasticity server.</summary>
    public string Code { get; }
}
