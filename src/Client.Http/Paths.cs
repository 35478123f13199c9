using System.Globalization;
using System.Text;
using Elasticity.Contracts;
using Elasticity.Domain;

namespace Elasticity.Client.Http;

/// <summary>Addresses. Ids are escaped: one that breaks the rules is refused by the server, not taken for another
/// path.</summary>
internal static class Paths
{
    public static string Job(string pattern, JobId job) => Routes.Of(pattern, Escape(job.Value));

    public static string Task(string pattern, TaskId task) =>
        Routes.Of(pattern, Escape(task.Job.Value), task.Index);

    public static string Session(string pattern, AgentId agent, SessionId session) =>
        Routes.Of(pattern, Escape(agent.Value), Escape(session.Value));

    public static string Agent(string pattern, AgentId agent) => Routes.Of(pattern, Escape(agent.Value));

    /// <summary>Adds parameters; those without a value are left out.</summary>
    public static string With(this string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        StringBuilder text = new(path);
        char separator = '?';
        foreach ((string name, string? value) in parameters)
        {
            if (value is not null)
            {
                text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                separator = '&';
            }
        }

        return text.ToString();
    }

    public static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    // Dots alone would be taken for "here" and "above" on the way.
    private static string Escape(string? id) =>
        id is null or "" or "." or ".." ? "%20" : Uri.EscapeDataString(id);
}
