using Elasticity.Domain;

namespace Elasticity.Cli.CommandLine;

/// <summary>A command ends with an exit code, a stable code and a sentence. Caught once, in
/// <see cref="Root"/>.</summary>
internal sealed class CliException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="exit">One of <see cref="ExitCode"/>.</param>
    /// <param name="code">Stable, kebab-case.</param>
    /// <param name="message">One sentence: what is wrong, and what to do.</param>
    public CliException(int exit, string code, string message)
        : base(message)
    {
        Exit = exit;
        Code = code;
    }

    /// <summary>One of <see cref="ExitCode"/>.</summary>
    public int Exit { get; }

    /// <summary>Stable, kebab-case; docs/reference/cli.md.</summary>
    public string Code { get; }

    /// <summary>Wrong usage or input.</summary>
    public static CliException Refused(string code, string message) => new(ExitCode.Refused, code, message);

    /// <summary>The engine said "no".</summary>
    public static CliException Of(Rejection rejection) => Refused(rejection.Code, rejection.Detail);
}
