using System.Collections;
using Microsoft.Extensions.Configuration;

namespace Elasticity.Silo;

/// <summary>Reads the options: from a file, then from the environment, then from the command line. The later one
/// wins; a name that nobody knows is never passed over.</summary>
internal static class SiloConfiguration
{
    /// <summary>What the variables of the environment begin with.</summary>
    public const string Prefix = "ELASTICITY_SILO_";

    /// <summary>The file that is read where none is named, if it is there.</summary>
    public const string DefaultFile = "elasticity-silo.json";

    private const string FileOption = "Config";

    /// <summary>Reads them.</summary>
    /// <param name="arguments">The command line, without a command.</param>
    /// <param name="environment">Names and values.</param>
    /// <param name="build">The program; null means <see cref="SiloBuild.Plain"/>.</param>
    /// <exception cref="SiloUsageException">Something is wrong with them.</exception>
    public static SiloOptions Read(
        IReadOnlyList<string> arguments, IDictionary environment, SiloBuild? build = null)
    {
        SiloOptions options = new() { Build = build ?? SiloBuild.Plain };
        List<Given> said = [.. FromEnvironment(environment), .. FromArguments(arguments, options.Build)];
        Given? file = said.LastOrDefault(g => g.Is(FileOption));
        foreach (Given given in FromFile(file).Concat(said.Where(g => !g.Is(FileOption))))
        {
            options = given.Apply(options);
        }

        return options.Problem() is { } problem ? throw new SiloUsageException(problem) : options;
    }

    /// <summary>The lines about options for the help.</summary>
    public static string Help(SiloBuild build)
    {
        int width = build.Options.Max(o => o.Name.Length) + 2;
        IEnumerable<string> lines =
        [
            .. build.Options.Select(o => $"  --{o.Name.PadRight(width)}{o.Meaning} [{o.Default}]"),
            $"  --{FileOption.PadRight(width)}the file [{DefaultFile}, if it is there]",
        ];
        return string.Join(Environment.NewLine, lines);
    }

    private static IEnumerable<Given> FromFile(Given? named)
    {
        string path = Path.GetFullPath(named?.Value ?? DefaultFile);
        IConfigurationRoot file;
        try
        {
            file = new ConfigurationBuilder().AddJsonFile(path, optional: named is null).Build();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new SiloUsageException(
                $"The file {path} cannot be read: {e.InnerException?.Message ?? e.Message}");
        }

        return file.AsEnumerable().Where(p => p.Value is not null)
            .Select(p => new Given(p.Key, p.Value!, $"{p.Key} in {path}"));
    }

    private static IEnumerable<Given> FromEnvironment(IDictionary environment) =>
        from DictionaryEntry variable in environment
        let name = (string)variable.Key
        where name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        orderby name
        select new Given(name[Prefix.Length..], (string?)variable.Value ?? string.Empty, name);

    private static IEnumerable<Given> FromArguments(IReadOnlyList<string> arguments, SiloBuild build)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (!argument.StartsWith("--", StringComparison.Ordinal))
            {
                throw new SiloUsageException(
                    $"'{argument}' is neither a command nor an option. '{build.Name} --help' lists them.");
            }

            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            if (equals >= 0)
            {
                yield return new Given(argument[2..equals], argument[(equals + 1)..], argument[..equals]);
                continue;
            }

            bool hasValue = i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal);
            if (!hasValue && Find(build, argument[2..]) is not { IsFlag: true })
            {
                Given alone = new(argument[2..], string.Empty, argument);
                throw alone.IsKnownTo(build)
                    ? new SiloUsageException($"{argument} needs a value.")
                    : alone.UnknownTo(build);
            }

            yield return new Given(argument[2..], hasValue ? arguments[++i] : bool.TrueString, argument);
        }
    }

    private static SiloOption? Find(SiloBuild build, string name) =>
        build.Options.FirstOrDefault(o => o.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>What somebody said.</summary>
    /// <param name="Name">The option.</param>
    /// <param name="Value">Its value.</param>
    /// <param name="Place">What they said it with.</param>
    private sealed record Given(string Name, string Value, string Place)
    {
        public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

        public bool IsKnownTo(SiloBuild build) => Is(FileOption) || Find(build, Name) is not null;

        public SiloUsageException UnknownTo(SiloBuild build) => new(build.ElsewhereIs(Name) is { } other
            ? $"This program was built without what the option {Place} is for; '{other}' has it."
            : $"Nobody knows the option {Place}. '{build.Name} --help' lists them.");

        public SiloOptions Apply(SiloOptions options)
        {
            SiloOption option = Find(options.Build, Name) ?? throw UnknownTo(options.Build);
            try
            {
                return option.Set(options, Value);
            }
            catch (SiloValueException e)
            {
                throw new SiloUsageException($"{Place}: {option.Name} is {e.Message}.");
            }
        }
    }
}
