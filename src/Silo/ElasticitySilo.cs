using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Elasticity.Agent.Sdk;

namespace Elasticity.Silo;

/// <summary>A silo as a program of your own: <c>elasticity-silo</c> with an agent in it.</summary>
[SuppressMessage("Maintainability", "CA1515", Justification = "For programs that are a silo with more.")]
public static class ElasticitySilo
{
    /// <summary>Does what the command line says: runs the silo with its agent until SIGTERM or Ctrl+C, or
    /// <c>migrate</c>, <c>--help</c>, <c>--version</c>. Options are those of <c>elasticity-silo</c>.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="addHandlers">Adds the handlers of the agent, at least one.</param>
    /// <param name="configure">Sets further options of the agent; null leaves them as they are. Differing from an agent
    /// over HTTP, its id is by default the address and the port of the silo, and what it may take to stop is part of
    /// the silo's <c>StopTimeout</c>; it has no <see cref="AgentOptions.Server"/> and no
    /// <see cref="AgentOptions.ApiKey"/>.</param>
    /// <returns>The exit code: 0 stopped as told, 1 it failed, 2 an option is wrong; a sentence says why.</returns>
    public static Task<int> RunAsync(
        string[] args, Action<AgentBuilder> addHandlers, Action<AgentOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(addHandlers);
        string name = Assembly.GetEntryAssembly()?.GetName().Name ?? SiloBuild.Plain.Name;
        return SiloCommand.RunAsync(
            new SiloBuild(name) { Agent = new SiloAgent(addHandlers, configure) }, args);
    }
}
