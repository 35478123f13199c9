using Elasticity.Contracts;

namespace Elasticity.Agent.Sdk;

/// <summary>Thrown by a handler to say exactly how the attempt failed. Any other exception fails it too, with the name
/// of its type as the code.</summary>
public sealed class TaskFailedException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">See <see cref="Code"/>.</param>
    /// <param name="message">For humans; cut at 4,096 characters.</param>
    /// <param name="isFinal">See <see cref="IsFinal"/>.</param>
    /// <param name="inner">The cause, for the agent's log; null for none.</param>
    public TaskFailedException(string code, string message, bool isFinal = false, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        IsFinal = isFinal;
    }

    /// <summary>A stable word for programs: <c>exit-code</c>, <c>not-found</c>; cut at 128 characters.</summary>
    public string Code { get; }

    /// <summary>Trying again is pointless: the task is dead-lettered at once. Default: false.</summary>
    public bool IsFinal { get; }

    /// <summary>What came out all the same, such as the output of a command; at most 256 KiB. Default: none.</summary>
    public RawJson Result { get; init; }
}
